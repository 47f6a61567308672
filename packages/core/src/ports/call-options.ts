/** How long the caller is willing to wait. */
export interface CallOptions {
  /** Abandon the call when this aborts; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Deadline in milliseconds; the adapter's default when absent. Passing it rejects with a retryable typed error. */
  readonly timeoutMs?: number;
}
