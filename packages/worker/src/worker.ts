/**
 * The composition root: builds the parts in the order in which a message meets them.
 * consumer → request → dispatch (schedule) → pool → trace → settle
 * @module
 */
import type { App, Logger, Queue } from "@celeriac/core";
import { createDeferred, selectQueues } from "@celeriac/core";
import { ConsumeLoop } from "./consumer/consume-loop.js";
import { prefetchWindow } from "./consumer/prefetch-window.js";
import { startControlListener } from "./control/control-listener.js";
import type { WorkerView } from "./control/worker-view.js";
import { Dispatcher } from "./dispatch/dispatcher.js";
import { expandNodeName } from "./node-name.js";
import { RequestReader } from "./request/read-request.js";
import { startPromoteLoop } from "./schedule/promote-loop.js";
import { Settler } from "./settle/settler.js";
import { AttemptRunner } from "./trace/attempt-runner.js";
import type { ParsedWorkerOptions, WorkerOptions } from "./worker-options.js";
import { parseWorkerOptions } from "./worker-options.js";

/** A running set of slots that consumes queues. Disposing it is a warm shutdown. */
export interface Worker extends AsyncDisposable {
  /** Node name, `celery@host`. */
  readonly hostname: string;
  readonly queues: readonly Queue[];
  /** Starts consuming; resolves once the pool runs and the first connection was tried. */
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
  readonly #cold = new AbortController();
  readonly #ended = createDeferred<void>();
  #phase: Phase = "new";
  #dispatcher: Dispatcher | undefined;
  #consumer: ConsumeLoop | undefined;
  #side: AsyncDisposable[] = [];
  #stopping: Promise<void> | undefined;
  #lastWindow = Number.NaN;

  constructor(app: App, options: WorkerOptions, parsed: ParsedWorkerOptions, queues: readonly Queue[]) {
    this.hostname = expandNodeName(options.hostname);
    this.queues = queues;
    this.#app = app;
    this.#options = options;
    this.#parsed = parsed;
    this.#log = (options.logger ?? app.logger).child({ worker: this.hostname });
  }

  async start(): Promise<void> {
    if (this.#phase !== "new") return;
    this.#phase = "starting";
    const { pool } = this.#options;
    const [app, hostname, log, cold] = [this.#app, this.hostname, this.#log, this.#cold.signal];
    await pool.start({ app, hostname, log });
    const settler = new Settler({ app, hostname, log, cold });
    const runner = new AttemptRunner({ app, pool, settler, hostname, log });
    const reader = new RequestReader(app);
    const dispatcher = new Dispatcher({
      app,
      pool,
      reader,
      runner,
      settler,
      hostname,
      log,
      cold,
      parkBeyondMs: this.#parsed.parkBeyondMs,
      onWindowChange: () => this.#updateWindow(),
    });
    this.#dispatcher = dispatcher;
    const connected = createDeferred<void>();
    this.#consumer = new ConsumeLoop({
      broker: app.broker,
      queues: this.queues,
      clock: app.clock,
      log,
      prefetch: () => {
        this.#lastWindow = this.#window();
        return this.#lastWindow;
      },
      onBatch: (deliveries) => dispatcher.take(deliveries),
      onConsuming: connected.resolve,
    });
    if (app.broker.parking !== undefined) this.#side.push(startPromoteLoop(app.broker.parking, app.clock, log));
    if (this.#options.remoteControl ?? app.settings.workerEnableRemoteControl) {
      this.#side.push(startControlListener(app, this.#view(dispatcher), log));
    }
    await Promise.race([connected.promise, this.#ended.promise]);
    if (this.#phase === "starting") this.#phase = "running";
    log.info({ queues: this.queues.map((queue) => queue.name), pool: pool.kind, slots: pool.slots }, "ready");
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
    this.#log.info({}, "stopping: running tasks finish, the others go back");
    await this.#consumer?.[Symbol.asyncDispose]();
    await this.#dispatcher?.drain();
    await Promise.allSettled(this.#side.map((part) => part[Symbol.asyncDispose]()));
    await this.#options.pool[Symbol.asyncDispose]();
    this.#phase = "stopped";
    this.#log.info({}, "stopped");
    this.#ended.resolve();
  }

  #updateWindow(): void {
    const window = this.#window();
    if (window === this.#lastWindow) return;
    this.#lastWindow = window;
    this.#consumer?.setPrefetch(window);
  }

  #window(): number {
    const { pool } = this.#options;
    return prefetchWindow({
      slots: pool.slots,
      multiplier: this.#parsed.prefetchMultiplier,
      fair: this.#parsed.fair,
      scheduled: this.#dispatcher?.scheduledCount ?? 0,
      earlyAckedRunning: this.#parsed.fair ? countEarlyAcked(this.#dispatcher) : 0,
    });
  }

  #view(dispatcher: Dispatcher): WorkerView {
    return {
      app: this.#app,
      hostname: this.hostname,
      queues: this.queues,
      pool: this.#options.pool,
      dispatcher,
      startedAtMs: this.#app.clock.now(),
      prefetchCount: () => this.#window(),
      shutDown: () => void this.stop(),
    };
  }
}

/** Counted from the start of the ack, not from its confirmation: in between the slot is taken twice rather than never. */
function countEarlyAcked(dispatcher: Dispatcher | undefined): number {
  let count = 0;
  for (const held of dispatcher?.active ?? []) if (!held.ack.late) count += 1;
  return count;
}
