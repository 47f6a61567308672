import type { Clock } from "@celeriac/core";
import { exponentialBackoff, isRetryable } from "@celeriac/core";
import type { ShutdownSignals } from "../shutdown.js";

/** How long an outage of the store or broker is waited out before the message goes back. */
const GIVE_UP_MS = 60_000;
/** The same during a warm shutdown, which must end though the broker is dead (G14). */
const GIVE_UP_STOPPING_MS = 5000;

export interface PersistOptions {
  readonly clock: Clock;
  readonly shutdown: ShutdownSignals;
  /** Hears of the first failure only: an outage is one event, not one line per task. */
  readonly onFirstFailure?: (error: unknown) => void;
}

/**
 * Repeats a step while its error says that a later try may work: a store or broker that is away for a while must not
 * cost an outcome (G24).
 * @param step - Told how often it has failed before: then an earlier try may have succeeded without an answer.
 * @throws the last error.
 */
export async function persist<T>(step: (failures: number) => Promise<T>, options: PersistOptions): Promise<T> {
  try {
    return await step(0);
  } catch (error) {
    return persistAfter(error, step, options);
  }
}

/** Like `persist`, for a step that was tried once and failed with `first`. */
export async function persistAfter<T>(
  first: unknown,
  step: (failures: number) => Promise<T>,
  options: PersistOptions,
): Promise<T> {
  const { clock, shutdown, onFirstFailure } = options;
  const backoff = exponentialBackoff({ baseMs: 50, maxMs: 2000 });
  const startedMs = clock.monotonic();
  let last = first;
  onFirstFailure?.(first);
  for (let failures = 1; isRetryable(last) && !shutdown.cold.aborted; failures += 1) {
    if (clock.monotonic() - startedMs > (shutdown.warm.aborted ? GIVE_UP_STOPPING_MS : GIVE_UP_MS)) break;
    await clock.sleep(backoff(failures), shutdown.cold);
    try {
      return await step(failures);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
