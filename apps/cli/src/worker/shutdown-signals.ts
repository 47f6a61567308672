import type { Logger } from "@celeriac/core";

/** How far a worker was asked to stop. */
export type ShutdownStage = "running" | "warm" | "cold";

export interface ShutdownActions {
  /** Finish what runs. */
  readonly warm: () => void;
  /** Stop what runs, too. */
  readonly cold: () => void;
  /** Cold was asked for already and takes too long for somebody. */
  readonly now: () => void;
}

/** Signals and how many stages they mean at first. @see Celery user guide, "Workers", stopping the worker. */
const FIRST: Readonly<Record<string, "warm" | "cold">> = {
  SIGTERM: "warm",
  SIGINT: "warm",
  SIGHUP: "warm",
  SIGQUIT: "cold",
};

/** What a signal means at a stage. Pure: time between signals does not matter. */
export function nextStage(stage: ShutdownStage, signal: string): keyof ShutdownActions {
  if (stage === "cold") return "now";
  if (stage === "warm") return "cold";
  return FIRST[signal] ?? "warm";
}

/** Listens for the signals until disposed. */
export function listenForShutdown(
  actions: ShutdownActions,
  log: Logger,
): Disposable & { readonly stage: ShutdownStage } {
  let stage: ShutdownStage = "running";
  const onSignal = (signal: NodeJS.Signals): void => {
    const next = nextStage(stage, signal);
    if (next !== "now") stage = next;
    if (next === "warm") log.info({ signal }, "warm shutdown: running tasks finish; the same signal again stops them");
    if (next === "cold") log.warn({ signal }, "cold shutdown: running tasks are stopped");
    actions[next]();
  };
  for (const signal of Object.keys(FIRST)) process.on(signal, onSignal);
  return {
    get stage(): ShutdownStage {
      return stage;
    },
    [Symbol.dispose](): void {
      for (const signal of Object.keys(FIRST)) process.off(signal, onSignal);
    },
  };
}
