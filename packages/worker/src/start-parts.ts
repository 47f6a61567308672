/**
 * The composition root: builds the parts in the order in which a message meets them.
 * consumer → request → dispatch (schedule) → pool → trace → settle
 * @module
 */
import type { App, Broker, Logger, Queue } from "@celeriac/core";
import { createDeferred } from "@celeriac/core";
import { ConsumeLoop } from "./consumer/consume-loop.js";
import { prefetchWindow } from "./consumer/prefetch-window.js";
import { startControlListener } from "./control/control-listener.js";
import { LogicalClock } from "./control/logical-clock.js";
import { Dispatcher } from "./dispatch/dispatcher.js";
import type { Pool } from "./pool/pool.js";
import { RequestReader } from "./request/read-request.js";
import { Revocations } from "./revoke/revocations.js";
import { startPromoteLoop } from "./schedule/promote-loop.js";
import { Aftermath } from "./settle/aftermath.js";
import { createErrbackRunner } from "./settle/errback-runner.js";
import { Settler } from "./settle/settler.js";
import type { ShutdownSignals } from "./shutdown.js";
import { AttemptRunner } from "./trace/attempt-runner.js";
import type { ParsedWorkerOptions } from "./worker-options.js";

export interface PartsOptions {
  readonly app: App;
  readonly broker: Broker;
  readonly queues: readonly Queue[];
  readonly hostname: string;
  readonly log: Logger;
  readonly shutdown: ShutdownSignals;
  /** Started already. */
  readonly pool: Pool;
  readonly parsed: ParsedWorkerOptions;
  /** Begins a warm shutdown: what a remote command may ask for. */
  readonly requestStop: () => void;
}

export interface WorkerParts {
  readonly dispatcher: Dispatcher;
  readonly consumer: AsyncDisposable;
  /** What runs beside the path of a message. */
  readonly side: readonly AsyncDisposable[];
  /** Resolves when the first connection was tried. */
  readonly tried: Promise<void>;
}

/** Starts consuming. */
export function startParts(options: PartsOptions): WorkerParts {
  const { app, broker, queues, hostname, log, shutdown, pool, parsed } = options;
  const aftermath = new Aftermath({ app, log, callErrback: createErrbackRunner({ app, pool, hostname, log }) });
  const settler = new Settler({ app, hostname, log, shutdown, aftermath });
  const runner = new AttemptRunner({ app, pool, settler, hostname, log });
  const reader = new RequestReader(app);
  const { parkBeyondMs, fair, prefetchMultiplier: multiplier } = parsed;
  let lastWindow = Number.NaN;

  const window = (): number => {
    const { scheduledCount: scheduled, earlyAckedCount: earlyAckedRunning } = dispatcher;
    return prefetchWindow({ slots: pool.slots, multiplier, fair, scheduled, earlyAckedRunning });
  };
  const onWindowChange = (): void => {
    const next = window();
    if (next === lastWindow) return;
    lastWindow = next;
    consumer.setPrefetch(next);
  };
  const revocations = new Revocations(app.clock);
  const parts = { app, pool, reader, runner, settler, aftermath, revocations, hostname, log, shutdown };
  const dispatcher = new Dispatcher({ ...parts, parkBeyondMs, fair, onWindowChange });

  const tried = createDeferred<void>();
  const consumer = new ConsumeLoop({
    broker,
    queues,
    clock: app.clock,
    log,
    prefetch: () => {
      lastWindow = window();
      return lastWindow;
    },
    takes: (delivery) => dispatcher.startsAtOnce(delivery),
    onBatch: (deliveries) => dispatcher.take(deliveries),
    onEnded: () => dispatcher.dropLost(),
    onTried: tried.resolve,
  });

  const side: AsyncDisposable[] = [];
  if (broker.parking !== undefined) side.push(startPromoteLoop(broker.parking, app.clock, log));
  if (parsed.remoteControl) {
    const startedAtMs = app.clock.now();
    const view = { app, hostname, queues, pool, dispatcher, clock: new LogicalClock(), startedAtMs, log, revocations };
    const terminate = (taskId: string): boolean => pool.terminate(taskId);
    side.push(
      startControlListener(app, { ...view, terminate, prefetchCount: window, shutDown: options.requestStop }, log),
    );
  }
  return { dispatcher, consumer, side, tried: tried.promise };
}
