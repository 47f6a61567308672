import type { ResultMeta, ResultRecord } from "../protocol/result-meta.js";
import type { CallOptions } from "./call-options.js";
import type { ChordStore } from "./chord-store.js";
import type { ReplyQueue } from "./reply-queue.js";

/**
 * Stores what tasks return. Creating one does no I/O. SUCCESS is sticky: a later store with another state for the same id
 * is dropped (PROTOCOL 7.4), so a stale attempt cannot take back a result.
 */
export interface ResultBackend extends AsyncDisposable {
  /** For logs and the worker banner: store name and address without credentials. */
  readonly description: string;
  /** Resolves once stored and announced to watchers. Adapters coalesce the stores of one tick. @throws BackendError */
  store(record: ResultRecord, options?: CallOptions): Promise<void>;
  /** The newest record, `undefined` when nothing is stored (PENDING). @throws BackendError, DecodeError `E_RESULT` */
  fetch(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined>;
  /** Forgets the result. Forgetting what is not there is no error. */
  forget(taskId: string, options?: CallOptions): Promise<void>;
  /** Hears of every state stored for a task; every backend has one, by push where the store can, else by shared polling. */
  readonly watcher: ResultWatcher;
  /** Saved groups (`GroupResult.save`). */
  readonly groups: GroupStore;
  /**
   * Joins chords. Stores whose Python peers cannot count have none: there a `celery.chord_unlock` task looks for the
   * results, which every peer can run.
   */
  readonly chords?: ChordStore;
  /** For stores where results are messages to whoever sent the task: then only that process can see them. */
  readonly replies?: ReplyQueue;
  /** Why chords are impossible here, for stores that can neither count nor be asked twice (rpc). */
  readonly refusesChords?: string;
  /**
   * Removes results and groups last written more than `olderThanMs` ago; resolves with how many. For stores where nothing
   * expires by itself: `celery.backend_cleanup` calls it with `resultExpires`.
   */
  cleanup?(olderThanMs: number, options?: CallOptions): Promise<number>;
}

export interface ResultWatcher {
  /**
   * Calls `onMeta` with the state stored now, if any, and with each later one, in order, without gaps: subscribe first,
   * then read. Resolves once listening. After a reconnect it re-reads. `onError` hears of faults that it outlives.
   */
  watch(taskId: string, onMeta: (meta: ResultMeta) => void, options?: WatchOptions): Promise<AsyncDisposable>;
}

export interface WatchOptions extends CallOptions {
  readonly onError?: (error: unknown) => void;
}

/** A result tuple as Celery writes it: `[[id, parent], children]`. PROTOCOL 7.2. */
export type ResultTuple = readonly [readonly [string, ResultTuple | null], readonly ResultTuple[] | null];

export interface GroupStore {
  save(groupId: string, tuple: ResultTuple, options?: CallOptions): Promise<void>;
  restore(groupId: string, options?: CallOptions): Promise<ResultTuple | undefined>;
  delete(groupId: string, options?: CallOptions): Promise<void>;
}
