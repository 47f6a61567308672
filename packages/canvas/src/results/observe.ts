/**
 * Waiting for results without polling: everything here listens to the store's watcher and stops listening when told.
 * @module
 */
import type { GetOptions, ResultBackend, ResultHandle, ResultMeta } from "@celeriac/core";
import { createDeferred, parseDuration, TimeoutError } from "@celeriac/core";

/** How a result came out. */
export type Settled = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown };

export type Stop = () => void;

/** Can be listened to by whoever waits for several results at once. */
export interface Observable {
  /**
   * Calls back once, later, unless it is stopped before.
   * @param propagate - Whether a failed parent or member is the failure of the whole, at once.
   */
  "~observe"(onSettled: (settled: Settled) => void, propagate: boolean): Stop;
}

/** Handles of plain tasks can only be asked. */
export function observe(
  handle: ResultHandle<unknown>,
  onSettled: (settled: Settled) => void,
  propagate: boolean,
): Stop {
  if (isObservable(handle)) return handle["~observe"](onSettled, propagate);
  const abort = new AbortController();
  handle.get({ signal: abort.signal, allowInTask: true }).then(
    (value) => onSettled({ ok: true, value }),
    (error: unknown) => {
      if (!abort.signal.aborted) onSettled({ ok: false, error });
    },
  );
  return () => abort.abort();
}

function isObservable(value: object): value is Observable {
  return "~observe" in value;
}

/** Hears of a task's states, those stored already included, until stopped. */
export function watch(
  backend: ResultBackend,
  id: string,
  onMeta: (meta: ResultMeta) => void,
  onFailure: (error: unknown) => void,
): Stop {
  let isStopped = false;
  const opening = backend.watcher.watch(id, (meta) => {
    // Later, also where the store answers at once: who listens does not know yet how to stop.
    queueMicrotask(() => {
      if (!isStopped) onMeta(meta);
    });
  });
  opening.catch((error: unknown) => {
    if (!isStopped) onFailure(error);
  });
  return () => {
    isStopped = true;
    // Leaving must not wait for the store.
    opening.then((open) => open[Symbol.asyncDispose]()).catch(() => undefined);
  };
}

/** How long to wait. */
export type Limits = Pick<GetOptions, "timeout" | "signal">;

/** The first outcome. @throws What it failed with, TimeoutError, the signal's reason. */
export async function waitFor(
  start: (onSettled: (settled: Settled) => void) => Stop,
  limits: Limits,
  what: string,
): Promise<unknown> {
  const outcome = createDeferred<unknown>();
  const stopLimits = limit(limits, what, outcome.reject);
  let stop: Stop | undefined;
  try {
    stop = start((settled) => (settled.ok ? outcome.resolve(settled.value) : outcome.reject(settled.error)));
    return await outcome.promise;
  } finally {
    stop?.();
    stopLimits();
  }
}

/** What a source of news is given. */
export interface Inbox<T> {
  push(item: T): void;
  /** Nothing more will come. */
  end(): void;
  fail(error: unknown): void;
}

/** What arrives, in that order, until it ends, fails, or nobody looks any more. */
export async function* arrivals<T>(
  start: (inbox: Inbox<T>) => Stop,
  limits: Limits,
  what: string,
): AsyncGenerator<T, void, undefined> {
  const arrived: T[] = [];
  let news = createDeferred<void>();
  let isEnded = false;
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    news.resolve();
  };
  const push = (item: T): void => {
    arrived.push(item);
    news.resolve();
  };
  const end = (): void => {
    isEnded = true;
    news.resolve();
  };
  const stopLimits = limit(limits, what, fail);
  let stop: Stop | undefined;
  try {
    stop = start({ push, end, fail });
    for (;;) {
      for (let item = arrived.shift(); item !== undefined; item = arrived.shift()) yield item;
      if (failure !== undefined) throw failure.error;
      if (isEnded) return;
      await news.promise;
      news = createDeferred<void>();
    }
  } finally {
    stop?.();
    stopLimits();
  }
}

/** Node fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function limit({ timeout, signal }: Limits, what: string, onLimit: (reason: unknown) => void): Stop {
  const timeoutMs = timeout === undefined ? undefined : Math.max(0, 1000 * parseDuration(timeout));
  const onTimeout = (): void =>
    onLimit(new TimeoutError(`${what} did not finish within ${(timeoutMs ?? 0) / 1000} s.`));
  const onAbort = (): void => onLimit(signal?.reason);
  const timer = timeoutMs === undefined || timeoutMs > LONGEST_TIMER_MS ? undefined : setTimeout(onTimeout, timeoutMs);
  if (signal?.aborted === true) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
}
