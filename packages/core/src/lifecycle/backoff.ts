/** Milliseconds to wait after `failures` failures in a row (1 or more). */
export type Backoff = (failures: number) => number;

export interface BackoffOptions {
  /** Pause after the first failure. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** Full jitter: a random pause between 0 and the computed one, so that a fleet does not return in step. Default true. */
  readonly jitter?: boolean;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** Doubles from `baseMs` up to `maxMs`. With jitter never below a tenth of the pause, so nobody spins. */
export function exponentialBackoff(options: BackoffOptions): Backoff {
  const { baseMs, maxMs, jitter = true, random = Math.random } = options;
  return (failures) => {
    const pause = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 52));
    return jitter ? pause * (0.1 + 0.9 * random()) : pause;
  };
}
