import type { Duration, SendOptions } from "../signature/send-options.js";

/** A class of errors, for `retry.on` and `throws`. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** Automatic retry. @see Celery user guide, "Automatic retry for known exceptions". */
export interface RetryPolicy {
  /** Errors to retry; a function decides case by case. Default: every error. */
  readonly on?: readonly ErrorClass[] | ((error: unknown) => boolean);
  /** Errors never retried, though `on` matches. */
  readonly except?: readonly ErrorClass[];
  /** Default 3; `null` for ever. */
  readonly max?: number | null;
  /** Wait between attempts when there is no backoff. Default `defaultRetryDelay`. */
  readonly delay?: Duration;
  /** Exponential: true starts at 1 s, a number of seconds is the factor. Default false. */
  readonly backoff?: boolean | number;
  /** Longest pause with backoff. Default 10 min. */
  readonly backoffMax?: Duration;
  /** Random pause between 0 and the computed one. Default true. */
  readonly jitter?: boolean;
}

/** What a task may declare. The names and defaults are Celery's; settings fill what is absent. */
export interface TaskOptions
  extends Pick<
    SendOptions,
    | "queue"
    | "exchange"
    | "routingKey"
    | "priority"
    | "serializer"
    | "compression"
    | "deliveryMode"
    | "expires"
    | "timeLimit"
    | "softTimeLimit"
    | "ignoreResult"
  > {
  /** Acknowledge after the run instead of before it: at least once instead of at most once. Default false. */
  readonly acksLate?: boolean;
  /** With `acksLate`: also acknowledge when the task fails or times out. Default true; false rejects. */
  readonly acksOnFailureOrTimeout?: boolean;
  readonly acksOnFailure?: boolean;
  readonly acksOnTimeout?: boolean;
  /** With `acksLate`: put the message back when the process running it dies. Default false: FAILURE(WorkerLostError). */
  readonly rejectOnWorkerLost?: boolean;
  readonly storeErrorsEvenIfIgnored?: boolean;
  /** Store STARTED when the body starts. */
  readonly trackStarted?: boolean;
  /** Retry by itself when the body throws. */
  readonly retry?: RetryPolicy;
  /** For `retry()`; default 3, `null` for ever. `retry.max` wins when both are given. */
  readonly maxRetries?: number | null;
  /** For `retry()`; default 180 s. */
  readonly defaultRetryDelay?: Duration;
  /** Errors that are part of the plan: stored, but logged without alarm. */
  readonly throws?: readonly ErrorClass[];
  /**
   * Names of the positional parameters, so that callers may use keyword arguments (Python's `add.delay(x=1, y=2)`) and too
   * few arguments are refused as Python refuses them. A `?` at the end marks an optional one: `["x", "y?"]`.
   */
  readonly params?: readonly string[];
  /** True hides all arguments from logs, events and inspect; names hide those keyword arguments. */
  readonly sensitive?: boolean | readonly string[];
}
