import { setMaxListeners } from "node:events";
import type { App, Logger, Queue } from "@celeriac/core";
import { createDeferred, selectQueues, withDeadline } from "@celeriac/core";
import { expandNodeName } from "./node-name.js";
import type { WorkerParts } from "./start-parts.js";
import { startParts } from "./start-parts.js";
import type { ParsedWorkerOptions, WorkerOptions } from "./worker-options.js";
import { parseWorkerOptions } from "./worker-options.js";

/** What may hang when the broker is dead is waited for no longer than this during a shutdown (G14). */
const CLOSE_TIMEOUT_MS = 5000;

/** A set of slots that consumes queues. Disposing it is a warm shutdown. */
export interface Worker extends AsyncDisposable {
  /** Node name, `celery@host`. */
  readonly hostname: string;
  readonly queues: readonly Queue[];
  /**
   * Starts consuming; resolves once the pool runs and the first connection was tried. A broker that is away is no error: the
   * worker says so and connects when it is back.
   * @throws ConfigError when the app has no broker, CeleriacError when the pool cannot start. Nothing is left running then.
   */
  start(): Promise<void>;
  /** Starts, if it has not started, and resolves when a shutdown is complete. */
  run(): Promise<void>;
  /** Warm: takes nothing more, gives back what never started, finishes what runs. Safe to call twice. */
  stop(): Promise<void>;
  /** Cold: also stops what runs; late-ack tasks go back to their queue. */
  kill(): Promise<void>;
}

type Phase = "new" | "starting" | "running" | "stopping" | "stopped";

/** @throws ConfigError for wrong options, before anything is opened. */
export function createWorker(app: App, options: WorkerOptions): Worker {
  const defaults = {
    prefetchMultiplier: app.settings.workerPrefetchMultiplier,
    fair: app.settings.workerDisablePrefetch,
    remoteControl: app.settings.workerEnableRemoteControl,
  };
  const parsed = parseWorkerOptions(options, defaults);
  const queues = selectQueues(app.settings, {
    ...(options.queues === undefined ? {} : { queues: options.queues }),
    ...(options.exclude === undefined ? {} : { exclude: options.exclude }),
  });
  return new CeleryWorker(app, options, parsed, queues);
}

class CeleryWorker implements Worker {
  readonly hostname: string;
  readonly queues: readonly Queue[];
  readonly #app: App;
  readonly #options: WorkerOptions;
  readonly #parsed: ParsedWorkerOptions;
  readonly #log: Logger;
  readonly #warm = new AbortController();
  readonly #cold = new AbortController();
  readonly #ended = createDeferred<void>();
  #phase: Phase = "new";
  #poolStart: Promise<void> | undefined;
  #parts: WorkerParts | undefined;
  #stopping: Promise<void> | undefined;

  constructor(app: App, options: WorkerOptions, parsed: ParsedWorkerOptions, queues: readonly Queue[]) {
    this.hostname = expandNodeName(options.hostname);
    this.queues = queues;
    this.#app = app;
    this.#options = options;
    this.#parsed = parsed;
    setMaxListeners(0, this.#cold.signal, this.#warm.signal); // every outcome that waits out an outage listens
    this.#log = (options.logger ?? app.logger).child({ worker: this.hostname });
  }

  async start(): Promise<void> {
    if (this.#phase !== "new") return;
    this.#phase = "starting";
    try {
      const { broker } = this.#app; // first, so that a missing one is found before children run
      this.#poolStart = this.#options.pool.start({ app: this.#app, hostname: this.hostname, log: this.#log });
      await this.#poolStart;
      if (this.#phase !== "starting") return; // stopped meanwhile
      this.#parts = startParts({
        app: this.#app,
        broker,
        queues: this.queues,
        hostname: this.hostname,
        log: this.#log,
        shutdown: { warm: this.#warm.signal, cold: this.#cold.signal },
        pool: this.#options.pool,
        parsed: this.#parsed,
        requestStop: () => void this.stop(),
      });
      await Promise.race([this.#parts.tried, this.#ended.promise]);
    } catch (error) {
      this.#phase = "stopped";
      this.#ended.resolve();
      throw error;
    }
    const { kind, slots } = this.#options.pool;
    if (this.#phase !== "starting") return;
    this.#phase = "running";
    this.#log.info({ queues: this.queues.map((queue) => queue.name), pool: kind, slots }, "ready");
  }

  async run(): Promise<void> {
    await this.start();
    await this.#ended.promise;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  async kill(): Promise<void> {
    this.#cold.abort(new Error("cold shutdown"));
    const stopping = this.stop();
    await this.#options.pool.abort("cold shutdown");
    await stopping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #shutDown(): Promise<void> {
    this.#phase = "stopping";
    this.#warm.abort(new Error("warm shutdown"));
    this.#log.info({}, "stopping: running tasks finish, the others go back");
    await this.#poolStart?.catch(() => undefined); // what start() reports
    this.#parts?.dispatcher.halt();
    await this.#close([this.#parts?.consumer]);
    await this.#parts?.dispatcher.drain();
    await this.#close(this.#parts?.side ?? []);
    await this.#options.pool[Symbol.asyncDispose]();
    this.#phase = "stopped";
    this.#log.info({}, "stopped");
    this.#ended.resolve();
  }

  /** Closes parts that talk to the broker; one that hangs is left behind. */
  async #close(parts: readonly (AsyncDisposable | undefined)[]): Promise<void> {
    const closing = Promise.allSettled(parts.map((part) => part?.[Symbol.asyncDispose]()));
    const late = (): Error => new Error(`not closed within ${CLOSE_TIMEOUT_MS} ms`);
    try {
      await withDeadline(closing, { timeoutMs: CLOSE_TIMEOUT_MS }, late);
    } catch (error) {
      this.#log.warn({ error: String(error) }, "a connection did not close in time; going on without it");
    }
  }
}
