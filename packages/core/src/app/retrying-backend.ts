/**
 * Celery's `result_backend_always_retry`: what is asked of a result backend that is away is asked again.
 *
 * Stores are not: a worker repeats those with or without the setting, and gives the message back when that does not help
 * (RELIABILITY G24). A second loop inside of it would keep a worker from stopping.
 * @module
 */
import { isRetryable } from "../errors/index.js";
import { exponentialBackoff } from "../lifecycle/index.js";
import type { CallOptions, Clock, ResultBackend } from "../ports/index.js";
import type { Settings } from "../settings/index.js";

/** The settings `resultBackendMaxRetries`, `...BaseSleepBetweenRetriesMs` and `...MaxSleepBetweenRetriesMs`. */
export interface ReadRetryPolicy {
  /** `Infinity` never gives up; a call's own deadline and signal do. */
  readonly maxRetries: number;
  readonly baseMs: number;
  readonly maxMs: number;
}

export function readRetryPolicy(settings: Settings): ReadRetryPolicy {
  return {
    maxRetries: settings.resultBackendMaxRetries,
    baseMs: settings.resultBackendBaseSleepBetweenRetriesMs,
    maxMs: settings.resultBackendMaxSleepBetweenRetriesMs,
  };
}

/**
 * `backend`, whose calls other than `store` and those of chords are repeated while their error says that a later try may
 * work. Closing it ends what is being repeated, with the last error.
 * @see Celery `backends/base.py`, `get_task_meta`.
 */
export function retryingBackend(backend: ResultBackend, policy: ReadRetryPolicy, clock: Clock): ResultBackend {
  const backoff = exponentialBackoff(policy);
  const closing = new AbortController();

  const repeat = async <O extends CallOptions, T>(
    options: O | undefined,
    ask: (options: O | undefined) => Promise<T>,
  ): Promise<T> => {
    const { timeoutMs, signal } = options ?? {};
    const startedMs = clock.monotonic();
    const leftMs = (): number => (timeoutMs ?? Number.POSITIVE_INFINITY) - (clock.monotonic() - startedMs);
    let within = options;
    for (let failures = 1; ; failures += 1) {
      try {
        return await ask(within);
      } catch (error) {
        const pauseMs = backoff(failures);
        const stop = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
        if (!isRetryable(error) || failures > policy.maxRetries || leftMs() <= pauseMs || stop.aborted) throw error;
        await clock.sleep(pauseMs, stop);
        if (stop.aborted) throw signal?.aborted === true ? signal.reason : error;
        if (options !== undefined && timeoutMs !== undefined) within = { ...options, timeoutMs: Math.max(1, leftMs()) };
      }
    }
  };

  const { watcher, groups, chords, replies, refusesChords } = backend;
  return {
    description: backend.description,
    store: (record, options) => backend.store(record, options),
    fetch: (taskId, options) => repeat(options, (within) => backend.fetch(taskId, within)),
    forget: (taskId, options) => repeat(options, (within) => backend.forget(taskId, within)),
    watcher: {
      watch: (taskId, onMeta, options) => repeat(options, (within) => watcher.watch(taskId, onMeta, within)),
    },
    groups: {
      save: (groupId, tuple, options) => repeat(options, (within) => groups.save(groupId, tuple, within)),
      restore: (groupId, options) => repeat(options, (within) => groups.restore(groupId, within)),
      delete: (groupId, options) => repeat(options, (within) => groups.delete(groupId, within)),
    },
    ...(chords === undefined ? {} : { chords }),
    ...(replies === undefined ? {} : { replies }),
    ...(refusesChords === undefined ? {} : { refusesChords }),
    ...(backend.cleanup === undefined
      ? {}
      : { cleanup: (olderThanMs, options) => backend.cleanup?.(olderThanMs, options) ?? Promise.resolve(0) }),
    async [Symbol.asyncDispose](): Promise<void> {
      closing.abort();
      await backend[Symbol.asyncDispose]();
    },
  };
}
