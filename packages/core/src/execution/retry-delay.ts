import { parseDuration } from "../settings/index.js";
import type { RetryPolicy } from "./task-options.js";

/** Celery's default pause before a retry, in seconds. */
export const DEFAULT_RETRY_DELAY_S = 180;
const DEFAULT_BACKOFF_MAX_S = 600;

/**
 * Seconds before the next automatic attempt. With backoff: `factor * 2 ** retries` of a whole factor, capped, then a random
 * whole number of seconds up to it when jitter is on. @see celery/utils/time.py `get_exponential_backoff_interval`.
 * @param random - Uniform in [0, 1).
 */
export function automaticRetryDelay(
  policy: RetryPolicy,
  retries: number,
  defaultDelay: number,
  random: () => number,
): number {
  const { backoff = false, jitter = true } = policy;
  if (backoff === false || backoff === 0)
    return policy.delay === undefined ? defaultDelay : parseDuration(policy.delay);
  const factor = Math.max(1, backoff === true ? 1 : Math.trunc(backoff));
  const longest = policy.backoffMax === undefined ? DEFAULT_BACKOFF_MAX_S : parseDuration(policy.backoffMax);
  const pause = Math.min(longest, factor * 2 ** Math.min(retries, 52));
  return jitter ? Math.floor(random() * (Math.floor(pause) + 1)) : pause;
}
