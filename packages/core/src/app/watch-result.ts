import { TimeoutError } from "../errors/index.js";
import { createDeferred } from "../lifecycle/index.js";
import type { ResultBackend } from "../ports/index.js";
import type { ResultMeta } from "../protocol/result-meta.js";
import { isReady } from "../protocol/result-meta.js";
import { parseDuration } from "../settings/index.js";
import type { Duration } from "../signature/send-options.js";

/** How long to watch. */
export interface WatchLimits {
  readonly timeout?: Duration;
  readonly signal?: AbortSignal;
}

/** Node fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The ready state of a task.
 * @param published - Its send, when that is not over: listening begins at once, and a failed send ends the wait.
 * @throws TimeoutError, the signal's reason, BackendError, the error of `published`.
 */
export async function waitUntilReady(
  backend: ResultBackend,
  id: string,
  limits: WatchLimits,
  published?: Promise<void>,
): Promise<ResultMeta> {
  const ready = createDeferred<ResultMeta>();
  published?.catch(ready.reject);
  const onMeta = (meta: ResultMeta): void => {
    if (isReady(meta.status)) ready.resolve(meta);
  };
  const stop = watchResult(backend, id, limits, onMeta, ready.reject);
  try {
    return await ready.promise;
  } finally {
    stop();
  }
}

/** Every state of a task from now on, the ready one last. Ends early only by error, timeout or signal. */
export async function* watchStates(
  backend: ResultBackend,
  id: string,
  limits: WatchLimits,
): AsyncGenerator<ResultMeta, void, undefined> {
  const arrived: ResultMeta[] = [];
  let news = createDeferred<void>();
  const onMeta = (meta: ResultMeta): void => {
    arrived.push(meta);
    news.resolve();
  };
  let failure: { readonly error: unknown } | undefined;
  const onFailure = (error: unknown): void => {
    failure ??= { error };
    news.resolve();
  };
  const stop = watchResult(backend, id, limits, onMeta, onFailure);
  try {
    for (;;) {
      for (let meta = arrived.shift(); meta !== undefined; meta = arrived.shift()) {
        yield meta;
        if (isReady(meta.status)) return;
      }
      if (failure !== undefined) throw failure.error;
      await news.promise;
      news = createDeferred<void>();
    }
  } finally {
    stop();
  }
}

/** Watches until the returned function is called. `onFailure` is called when the watch cannot go on. */
function watchResult(
  backend: ResultBackend,
  id: string,
  limits: WatchLimits,
  onMeta: (meta: ResultMeta) => void,
  onFailure: (error: unknown) => void,
): () => void {
  const { signal } = limits;
  const timeoutMs = limits.timeout === undefined ? undefined : Math.max(0, 1000 * parseDuration(limits.timeout));
  const onAbort = (): void => onFailure(signal?.reason);
  const onTimeout = (): void =>
    onFailure(new TimeoutError(`Task ${id} did not finish within ${(timeoutMs ?? 0) / 1000} s.`));
  const timer = timeoutMs === undefined || timeoutMs > LONGEST_TIMER_MS ? undefined : setTimeout(onTimeout, timeoutMs);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  const opening = backend.watcher.watch(id, onMeta, timeoutMs === undefined ? undefined : { timeoutMs });
  opening.catch(onFailure);
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    // Leaving must not wait for the store.
    opening.then((watch) => watch[Symbol.asyncDispose]()).catch(() => undefined);
  };
}
