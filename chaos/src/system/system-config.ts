/** What is published: single tasks, or chords. */
export type LoadKind = "tasks" | "chords";

/** What the processes under test are told: one JSON value in their environment. */
export interface SystemConfig {
  /** Name of the run, in the ledger. */
  readonly run: string;
  readonly ledgerDir: string;
  readonly redisUrl: string;
  /** Present when messages go through RabbitMQ; results stay in Redis. */
  readonly amqpUrl?: string;
  readonly queue: string;
  readonly acksLate: boolean;
  readonly slots: number;
  /** Seconds. */
  readonly visibilityTimeout: number;
  readonly restoreIntervalMs: number;
  readonly slowMs: number;
  /** One accepted message in so many is dropped on purpose; 0 drops none. */
  readonly plantEvery: number;
  readonly load: LoadKind;
  /** Single tasks, or chords. */
  readonly tasks: number;
  /** Header tasks of most chords. */
  readonly headers: number;
  /** Seconds a result is kept; absent: the default. */
  readonly resultExpires?: number;
  /** The load comes in one part more than this, and each but the first waits for another fault. */
  readonly awaitedFaults: number;
  readonly seed: number;
  /** Publishes per second; 0 is as fast as it goes. */
  readonly rate: number;
}

export const CONFIG_VARIABLE = "CELERIAC_CHAOS_CONFIG";
export const BOOT_VARIABLE = "CELERIAC_CHAOS_BOOT";

/** @throws Error when this process was not started by the driver. */
export function readSystemConfig(env: NodeJS.ProcessEnv): { readonly config: SystemConfig; readonly boot: string } {
  const text = env[CONFIG_VARIABLE];
  const boot = env[BOOT_VARIABLE];
  if (text === undefined || boot === undefined) {
    throw new Error(
      `${CONFIG_VARIABLE} and ${BOOT_VARIABLE} are not set: this program is started by the chaos driver.`,
    );
  }
  return { config: JSON.parse(text) as SystemConfig, boot }; // written by `systemEnvironment`
}

/** The environment of a process under test. */
export function systemEnvironment(config: SystemConfig, boot: string): NodeJS.ProcessEnv {
  return { ...process.env, [CONFIG_VARIABLE]: JSON.stringify(config), [BOOT_VARIABLE]: boot };
}
