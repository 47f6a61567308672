import { type BatchItem, createDeferred, type Deferred } from "@celeriac/core/lifecycle";

export interface SerialBatchOptions<T, R> {
  /** Settles every item; those left when it rejects are rejected with its error. */
  readonly flush: (items: readonly BatchItem<T, R>[]) => Promise<void>;
  readonly maxItems: number;
  /** Weights of a batch together, unless it is one item. */
  readonly maxWeight: number;
  readonly weigh: (value: T) => number;
}

/** An item that waits for its batch. */
export interface Submission<R> {
  readonly promise: Promise<R>;
  /** Takes it out, if its batch is not under way yet: its caller was told that it failed. */
  withdraw(): void;
}

interface Waiting<T, R> {
  readonly value: T;
  readonly deferred: Deferred<R>;
}

/**
 * Collects what is asked for during one turn of the event loop, and whatever comes while a batch is under way, and hands it
 * over together: one batch at a time, so that what was asked for later is done later.
 */
export function createSerialBatch<T, R>(options: SerialBatchOptions<T, R>): (value: T) => Submission<R> {
  let waiting: Waiting<T, R>[] = [];
  let isRunning = false;

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = take();
      const items = batch.map(({ value, deferred }) => ({ value, resolve: deferred.resolve, reject: deferred.reject }));
      await options.flush(items).catch((error: unknown) => {
        for (const item of items) item.reject(error);
      });
    }
    isRunning = false;
  };

  const take = (): readonly Waiting<T, R>[] => {
    let count = 0;
    let weight = 0;
    for (const { value } of waiting) {
      weight += options.weigh(value);
      if (count > 0 && (count === options.maxItems || weight > options.maxWeight)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  };

  return (value) => {
    const entry: Waiting<T, R> = { value, deferred: createDeferred<R>() };
    waiting.push(entry);
    if (!isRunning) {
      isRunning = true;
      process.nextTick(run); // after every promise job of this turn, before any I/O
    }
    return {
      promise: entry.deferred.promise,
      withdraw: () => {
        waiting = waiting.filter((other) => other !== entry);
      },
    };
  };
}
