/**
 * Many promises in one event loop: for tasks that wait more than they compute. A soft limit aborts the task's signal;
 * a hard limit does too and stops waiting for it, because nothing can kill a function in this process.
 * @module
 */
import { ConfigError, runTask, TaskRevokedError, WorkerLostError } from "@celeriac/core";
import type { Attempt, Ending, Pool, PoolContext } from "../pool.js";
import { Flight } from "./flight.js";

export interface AsyncPoolOptions {
  /** Tasks at once. Default 100. */
  readonly concurrency?: number;
}

const DEFAULT_CONCURRENCY = 100;

/** A pool of promises. Also answers to Celery's names `gevent` and `eventlet`. @throws ConfigError for no slots. */
export function asyncPool(options: AsyncPoolOptions = {}): Pool {
  const { concurrency = DEFAULT_CONCURRENCY } = options;
  if (Number.isInteger(concurrency) && concurrency > 0) return new AsyncPool(concurrency);
  throw new ConfigError([
    { key: "concurrency", message: `must be a whole number from 1, not ${String(concurrency)}.` },
  ]);
}

class AsyncPool implements Pool {
  readonly kind = "async";
  readonly slots: number;
  readonly #flights = new Set<Flight>();
  #context: PoolContext | undefined;
  #isClosed = false;

  constructor(slots: number) {
    this.slots = slots;
  }

  async start(context: PoolContext): Promise<void> {
    this.#context = context;
    this.#isClosed = false;
  }

  async run(attempt: Attempt): Promise<Ending> {
    const context = this.#context;
    if (context === undefined || this.#isClosed) return { kind: "unstarted" };
    if (!(await attempt.begin(process.pid))) return { kind: "unstarted" };
    // The message may be acknowledged by now: whatever comes, it has an ending.
    if (this.#isClosed) return { kind: "aborted", reason: "the pool was closed" };
    const { definition, request, timeLimit, softTimeLimit } = attempt;
    return new Promise<Ending>((resolve) => {
      const flight: Flight = new Flight(attempt, context.log, context.app, (ending) => {
        this.#flights.delete(flight);
        resolve(ending);
      });
      this.#flights.add(flight);
      if (timeLimit !== null || softTimeLimit !== null) flight.limit();
      void runTask(definition, request, flight).then(flight.onOutcome);
    });
  }

  async abort(reason: string): Promise<void> {
    this.#isClosed = true;
    for (const flight of this.#flights) {
      flight.stop(new WorkerLostError(reason));
      flight.end({ kind: "aborted", reason });
    }
  }

  terminate(taskId: string): boolean {
    for (const flight of this.#flights) {
      if (flight.taskId !== taskId) continue;
      flight.stop(new TaskRevokedError("terminated"));
      flight.end({ kind: "terminated" });
      return true;
    }
    return false;
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
