/** One item of a batch, with the promise its caller is waiting on. */
export interface BatchItem<T, R> {
  readonly value: T;
  resolve(result: R): void;
  reject(error: unknown): void;
}

/**
 * Collects what is asked for during one turn of the event loop and hands it over together: the acks, results and
 * messages of one tick become one write. `flush` settles every item; if it rejects, the items left are rejected with
 * its error.
 * @param limit - Items after which a batch is handed over without waiting for the turn to end. Default 1,000.
 */
export function createTickBatch<T, R>(
  flush: (items: readonly BatchItem<T, R>[]) => Promise<void>,
  limit = 1000,
): (value: T) => Promise<R> {
  let waiting: BatchItem<T, R>[] = [];
  const hand = (): void => {
    const items = waiting;
    if (items.length === 0) return;
    waiting = [];
    flush(items).catch((error: unknown) => {
      for (const item of items) item.reject(error);
    });
  };
  return (value) =>
    new Promise<R>((resolve, reject) => {
      waiting.push({ value, resolve, reject });
      if (waiting.length === 1)
        process.nextTick(hand); // after every promise job of this turn, before any I/O
      else if (waiting.length >= limit) hand();
    });
}
