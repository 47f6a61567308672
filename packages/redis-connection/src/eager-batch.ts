import type { BatchItem } from "@celeriac/core/lifecycle";
import { createTickBatch } from "@celeriac/core/lifecycle";

/** When a batch is handed over, beside the end of the turn. */
export interface EagerBatchOptions<T> {
  /** Items after which a batch is handed over without waiting for the turn to end. Default 1,000. */
  readonly limit?: number;
  /** Whether an item may go ahead of the end of the turn at all. Default: every one may. */
  readonly mayGoAhead?: (value: T) => boolean;
}

/**
 * `createTickBatch`, for callers who mostly ask for one thing at a time: an item that nothing is likely to share its write with is
 * handed over at once, so that the rest of the turn overlaps with its round trip. That is the case when nothing is under way or
 * waiting and the last batch was a single item as well; of a burst only the first item goes ahead.
 *
 * Items are handed over in the order in which they were asked for.
 */
export function createEagerBatch<T, R>(
  flush: (items: readonly BatchItem<T, R>[]) => Promise<void>,
  options: EagerBatchOptions<T> = {},
): (value: T) => Promise<R> {
  const { limit, mayGoAhead } = options;
  let underWay = 0;
  let waiting = 0;
  let lastLength = 1;
  const run = async (items: readonly BatchItem<T, R>[]): Promise<void> => {
    lastLength = items.length;
    underWay += 1;
    try {
      await flush(items);
    } finally {
      underWay -= 1;
    }
  };
  const enqueue = createTickBatch<T, R>((items) => {
    waiting -= items.length;
    return run(items);
  }, limit);
  return (value) => {
    const isLone = underWay === 0 && waiting === 0 && lastLength === 1;
    if (!isLone || mayGoAhead?.(value) === false) {
      waiting += 1;
      return enqueue(value);
    }
    return new Promise<R>((resolve, reject) => {
      run([{ value, resolve, reject }]).catch(reject);
    });
  };
}
