/**
 * Many promises in one event loop: for tasks that wait more than they compute. A soft limit aborts the task's signal;
 * a hard limit does too and stops waiting for it, because nothing can kill a function in this process.
 * @module
 */
import { encodeJson, runTask, SoftTimeLimitExceeded, TimeLimitExceeded, WorkerLostError } from "@celeriac/core";
import type { Attempt, Ending, Pool, PoolContext } from "../pool.js";

export interface AsyncPoolOptions {
  /** Tasks at once. Default 100. */
  readonly concurrency?: number;
}

const DEFAULT_CONCURRENCY = 100;

/** A pool of promises. Also answers to Celery's names `gevent` and `eventlet`. */
export function asyncPool(options: AsyncPoolOptions = {}): Pool {
  return new AsyncPool(options.concurrency ?? DEFAULT_CONCURRENCY);
}

/** An attempt in flight: how to abort it, and how to end it without waiting for its code. */
interface Flight {
  abort: AbortController | undefined;
  end: ((ending: Ending) => void) | undefined;
  pendingReason: Error | undefined;
}

class AsyncPool implements Pool {
  readonly kind = "async";
  readonly slots: number;
  readonly #flights = new Map<Attempt, Flight>();
  #context: PoolContext | undefined;

  constructor(slots: number) {
    this.slots = slots;
  }

  async start(context: PoolContext): Promise<void> {
    this.#context = context;
  }

  async run(attempt: Attempt): Promise<Ending> {
    const context = this.#context;
    if (context === undefined) return { kind: "lost", reason: "the pool was not started" };
    const flight: Flight = { abort: undefined, end: undefined, pendingReason: undefined };
    this.#flights.set(attempt, flight);
    const { app } = context;
    const outcome = runTask(attempt.definition, attempt.request, {
      hostname: attempt.hostname,
      log: app.logger,
      signal: () => signalOf(flight),
      updateState: (state, meta) => attempt.updateState(state, encodeJson(meta)),
      now: () => app.clock.now(),
      random: Math.random,
    });
    try {
      const limited = attempt.timeLimit !== null || attempt.softTimeLimit !== null;
      return await (limited
        ? withLimits(outcome, attempt, flight)
        : Promise.race([
            outcome,
            new Promise<Ending>((resolve) => {
              flight.end = resolve;
            }),
          ]));
    } finally {
      this.#flights.delete(attempt);
    }
  }

  async abort(reason: string): Promise<void> {
    for (const flight of this.#flights.values()) {
      stop(flight, new WorkerLostError(reason));
      flight.end?.({ kind: "lost", reason });
    }
  }

  info(): Readonly<Record<string, unknown>> {
    return {
      implementation: "celeriac:async",
      "max-concurrency": this.slots,
      processes: [process.pid],
      "free-threads": this.slots - this.#flights.size,
      "running-threads": this.#flights.size,
    };
  }

  pidOf(): number {
    return process.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort("the pool was closed");
  }
}

function signalOf(flight: Flight): AbortSignal {
  flight.abort ??= new AbortController();
  if (flight.pendingReason !== undefined) flight.abort.abort(flight.pendingReason);
  return flight.abort.signal;
}

function stop(flight: Flight, reason: Error): void {
  flight.pendingReason ??= reason;
  flight.abort?.abort(reason);
}

function withLimits(outcome: Promise<Ending>, attempt: Attempt, flight: Flight): Promise<Ending> {
  const timers: NodeJS.Timeout[] = [];
  const after = (seconds: number | null, act: (seconds: number) => void): void => {
    if (seconds !== null && seconds * 1000 < 2 ** 31) timers.push(setTimeout(act, seconds * 1000, seconds));
  };
  return new Promise<Ending>((resolve) => {
    flight.end = resolve;
    after(attempt.softTimeLimit, (seconds) => stop(flight, new SoftTimeLimitExceeded(seconds)));
    after(attempt.timeLimit, (seconds) => {
      stop(flight, new TimeLimitExceeded(seconds));
      resolve({ kind: "timeout", limitSeconds: seconds });
    });
    void outcome.then(resolve);
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
  });
}
