/** Node fires longer timers at once; nothing we wait for is that patient. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Bounds a promise by time and by a signal. The work itself goes on if it cannot be stopped; its late outcome is ignored.
 * @param createTimeoutError - Builds the typed error thrown when `timeoutMs` passes.
 * @throws whatever `createTimeoutError` returns, or `signal.reason` when the signal aborts.
 */
export function withDeadline<T>(
  work: Promise<T>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  createTimeoutError: () => Error,
): Promise<T> {
  const { timeoutMs, signal } = options;
  return new Promise<T>((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const onAbort = (): void => {
      finish();
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        finish();
        reject(createTimeoutError());
      },
      Math.min(timeoutMs, LONGEST_TIMER_MS),
    );
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
    work.then(
      (value) => {
        finish();
        resolve(value);
      },
      (error: unknown) => {
        finish();
        reject(error);
      },
    );
  });
}
