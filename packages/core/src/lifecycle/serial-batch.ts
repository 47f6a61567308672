import { createDeferred, type Deferred } from "./deferred.js";
import type { BatchItem } from "./tick-batch.js";

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

/** A serial batch: called with a value, it hands that over with the next batch that has room. */
export interface SerialBatch<T, R> {
  (value: T): Submission<R>;
  /**
   * Resolves when nothing waits and no batch is under way any more; what was not withdrawn has settled then. Never rejects,
   * and takes as long as the batches do: whoever closes an adapter bounds it with `withDeadline`.
   */
  drain(): Promise<void>;
}

/**
 * Collects what is asked for during one turn of the event loop, and whatever comes while a batch is under way, and hands it
 * over together: one batch at a time, so that what was asked for later is done later.
 */
export function createSerialBatch<T, R>(options: SerialBatchOptions<T, R>): SerialBatch<T, R> {
  /** In the order of asking. A set, since everybody withdraws in the end, and most have long been taken out. */
  const waiting = new Set<Waiting<T, R>>();
  let idle: Deferred<void> | undefined;

  const run = async (): Promise<void> => {
    while (waiting.size > 0) {
      const items = take();
      try {
        await options.flush(items);
      } catch (error) {
        for (const item of items) item.reject(error);
      }
    }
    idle?.resolve();
    idle = undefined;
  };

  const take = (): readonly BatchItem<T, R>[] => {
    const items: BatchItem<T, R>[] = [];
    let weight = 0;
    for (const entry of waiting) {
      weight += options.weigh(entry.value);
      if (items.length > 0 && (items.length === options.maxItems || weight > options.maxWeight)) break;
      waiting.delete(entry);
      items.push({ value: entry.value, resolve: entry.deferred.resolve, reject: entry.deferred.reject });
    }
    return items;
  };

  const submit = (value: T): Submission<R> => {
    const entry: Waiting<T, R> = { value, deferred: createDeferred<R>() };
    waiting.add(entry);
    if (idle === undefined) {
      idle = createDeferred<void>();
      process.nextTick(run); // after every promise job of this turn, before any I/O
    }
    return { promise: entry.deferred.promise, withdraw: () => void waiting.delete(entry) };
  };
  return Object.assign(submit, { drain: async () => idle?.promise });
}
