/** Options every Celeriac error takes. */
export interface CeleriacErrorOptions {
  /** Stable identifier in SCREAMING_SNAKE case; callers branch on it. */
  readonly code: string;
  /** Whether the same call may succeed later without being changed. Default false. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/**
 * Base of every error Celeriac throws at its own callers. Branch on `code`, not on the class:
 * two copies of a package may be installed, and `instanceof` does not see across them.
 */
export class CeleriacError extends Error {
  readonly code: string;
  readonly retryable: boolean;

  constructor(message: string, options: CeleriacErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = options.code;
    this.retryable = options.retryable ?? false;
  }
}

/** Whether `error` says of itself that the same call may succeed later. */
export function isRetryable(error: unknown): boolean {
  return error instanceof Error && "retryable" in error && error.retryable === true;
}
