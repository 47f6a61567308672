import type { Clock } from "@celeriac/core";
import { exponentialBackoff, isRetryable } from "@celeriac/core";

export interface PersistOptions {
  readonly clock: Clock;
  /** Gives up after this many milliseconds. */
  readonly giveUpMs: number;
  /** Gives up at once: cold shutdown. */
  readonly signal: AbortSignal;
  /** Hears of the first failure only: an outage is one event, not one line per task. */
  readonly onFirstFailure: (error: unknown) => void;
}

/**
 * Repeats a step while its error says that a later try may work: a store or broker that is away for a while must not
 * cost an outcome (G24). @throws the last error.
 */
export async function persist<T>(step: () => Promise<T>, options: PersistOptions): Promise<T> {
  try {
    return await step();
  } catch (error) {
    return again(step, error, options);
  }
}

async function again<T>(step: () => Promise<T>, first: unknown, options: PersistOptions): Promise<T> {
  const backoff = exponentialBackoff({ baseMs: 50, maxMs: 5000 });
  const startedMs = options.clock.monotonic();
  let last = first;
  options.onFirstFailure(first);
  for (let failures = 1; isRetryable(last) && !options.signal.aborted; failures += 1) {
    if (options.clock.monotonic() - startedMs > options.giveUpMs) break;
    await options.clock.sleep(backoff(failures), options.signal);
    try {
      return await step();
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
