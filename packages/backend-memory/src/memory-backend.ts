import { BackendError, ConfigError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import type {
  AdapterContext,
  BackendFactory,
  CallOptions,
  ChordStore,
  Clock,
  GroupStore,
  ResultBackend,
  ResultWatcher,
  WatchOptions,
} from "@celeriac/core/ports";
import {
  decodeGroupMeta,
  decodeResultMeta,
  encodeGroupMeta,
  encodeResultMeta,
  type ResultMeta,
  type ResultRecord,
} from "@celeriac/core/protocol";
import { memoryChords } from "./memory-chords.js";
import { ResultStore } from "./result-store.js";

/** Celery's default `result_expires`. */
const ONE_DAY_MS = 86_400_000;

export interface MemoryBackendOptions {
  /** Backends with the same store are peers. Default a store of its own. */
  readonly store?: ResultStore;
  /** How long a result is kept, in milliseconds; `null` keeps it as long as the process. Default one day. */
  readonly resultExpiresMs?: number | null;
  /** Default the real clock. */
  readonly clock?: Clock;
}

/** Results inside this process. It holds no timer: expired results go when the next one is stored or read. */
class MemoryBackend implements ResultBackend {
  readonly description = "memory://";
  readonly watcher: ResultWatcher;
  readonly groups: GroupStore;
  readonly chords: ChordStore;
  readonly #store: ResultStore;
  readonly #clock: Clock;
  readonly #expiresMs: number | null;
  readonly #watching = new Set<() => void>();
  #closed = false;

  constructor(options: MemoryBackendOptions) {
    this.#store = options.store ?? new ResultStore();
    this.#clock = options.clock ?? systemClock;
    this.#expiresMs = options.resultExpiresMs === undefined ? ONE_DAY_MS : options.resultExpiresMs;
    this.watcher = { watch: (taskId, onMeta, watchOptions) => this.#watch(taskId, onMeta, watchOptions) };
    this.groups = this.#createGroups();
    this.chords = memoryChords(this.#store.chords, (callOptions) => this.#enterChords(callOptions));
  }

  async store(record: ResultRecord, options?: CallOptions): Promise<void> {
    this.#enter(options);
    this.#store.put(record.taskId, record.status, encodeResultMeta(record), this.#clock);
  }

  async fetch(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined> {
    this.#enter(options);
    const text = this.#store.get(taskId);
    return text === undefined ? undefined : decodeResultMeta(text, taskId);
  }

  async forget(taskId: string, options?: CallOptions): Promise<void> {
    this.#enter(options);
    this.#store.delete(taskId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const stop of this.#watching) stop();
  }

  async #watch(
    taskId: string,
    onMeta: (meta: ResultMeta) => void,
    options: WatchOptions | undefined,
  ): Promise<AsyncDisposable> {
    this.#enter(options);
    let stopped = false;
    // In a microtask, so that no caller of `store` runs the code of a watcher; microtasks keep their order.
    const tell = (text: string): void => {
      queueMicrotask(() => {
        if (stopped) return;
        try {
          onMeta(decodeResultMeta(text, taskId));
        } catch (error) {
          options?.onError?.(error);
        }
      });
    };
    const unlisten = this.#store.listen(taskId, tell);
    const stop = (): void => {
      stopped = true;
      unlisten();
      this.#watching.delete(stop);
    };
    this.#watching.add(stop);
    const current = this.#store.get(taskId);
    if (current !== undefined) tell(current);
    return {
      async [Symbol.asyncDispose](): Promise<void> {
        stop();
      },
    };
  }

  #createGroups(): GroupStore {
    return {
      save: async (groupId, tuple, options) => {
        this.#enter(options);
        this.#store.groups.set(groupId, encodeGroupMeta(tuple));
      },
      restore: async (groupId, options) => {
        this.#enter(options);
        const text = this.#store.groups.get(groupId);
        return text === undefined ? undefined : decodeGroupMeta(text);
      },
      delete: async (groupId, options) => {
        this.#enter(options);
        this.#store.groups.delete(groupId);
      },
    };
  }

  /** Chords are kept for a day at least: results may expire sooner than a header is done. */
  #enterChords(options: CallOptions | undefined): number {
    this.#enter(options);
    const nowMs = this.#clock.now();
    const openMs = this.#expiresMs === null ? Number.POSITIVE_INFINITY : Math.max(this.#expiresMs, ONE_DAY_MS);
    const closedMs = Math.max(this.#expiresMs ?? 0, ONE_DAY_MS);
    this.#store.chords.expire(nowMs - openMs, nowMs - closedMs);
    return nowMs;
  }

  /** @throws BackendError `BACKEND_CLOSED`, or the reason of an aborted signal. */
  #enter(options: CallOptions | undefined): void {
    if (this.#closed) throw new BackendError("This memory backend has been closed.", { code: "BACKEND_CLOSED" });
    options?.signal?.throwIfAborted();
    if (this.#expiresMs !== null) this.#store.expire(this.#clock.now() - this.#expiresMs);
  }
}

/** Makes a result backend inside this process. */
export interface MemoryBackendFactory extends BackendFactory {
  (options?: MemoryBackendOptions): ResultBackend;
}

/**
 * Results inside this process, for tests and development. Every call makes an isolated backend, `fromUrl("memory://")`
 * too; backends that share a `ResultStore` are peers.
 */
export const memoryBackend: MemoryBackendFactory = Object.assign(
  (options: MemoryBackendOptions = {}): ResultBackend => new MemoryBackend(options),
  {
    role: "backend",
    schemes: ["memory"],
    fromUrl: (_url: string, { resultExpires, resultSerializer = "json" }: AdapterContext): ResultBackend => {
      if (resultSerializer !== "json") {
        const message = `is "${resultSerializer}"; results in memory are kept as JSON: set it to "json".`;
        throw new ConfigError([{ key: "resultSerializer", message }]);
      }
      return new MemoryBackend(
        resultExpires === undefined ? {} : { resultExpiresMs: resultExpires ? resultExpires * 1000 : null },
      );
    },
  } as const,
);
