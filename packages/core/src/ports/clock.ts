/** Time, as everything that waits sees it; replaced by a fake in tests. */
export interface Clock {
  /** Wall time, epoch milliseconds: for what goes on the wire. */
  now(): number;
  /** Monotonic milliseconds, for durations. Its zero means nothing. */
  monotonic(): number;
  /** Resolves after `ms`, or early when `signal` aborts. Never rejects. Any finite `ms` is allowed. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
