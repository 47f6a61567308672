/**
 * The watcher of a store that cannot push every change, or not reliably: one look for all who wait, quickened by whatever
 * news there is.
 *
 * Invariants: (1) whatever the number of listeners, one query at a time reads for all of them, and what it reads is told
 * before the next one begins: states come in order. (2) A watch begins with a read after it was entered, so that nothing
 * stored between is missed. (3) A change is heard of by an announcement of the store, by our own stores, or by a look at
 * all tasks, which never stops while anybody waits: not every writer announces, and announcements may be lost. (4) A task
 * that nobody waits for is forgotten at once (RELIABILITY G12). (5) A watch that has not begun when we are closed fails at
 * once: nobody will read for it any more.
 * @module
 */
import { BackendError } from "../errors/index.js";
import type { Clock, ResultWatcher, WatchOptions } from "../ports/index.js";
import type { ResultMeta } from "../protocol/result-meta.js";
import { exponentialBackoff } from "./backoff.js";
import { withDeadline } from "./deadline.js";
import { createDeferred, type Deferred } from "./deferred.js";
import type { PollPace } from "./poll-pace.js";
import { type Listener, WatchedTask } from "./watched-task.js";

/** A state as it was read, or why it could not be. Another state of the same task has another mark. */
export type Reading = { readonly mark: string } & ({ readonly meta: ResultMeta } | { readonly error: unknown });

export interface PollingWatcherOptions {
  /** The states of those tasks that have one. Never asked for none. */
  readonly readStates: (taskIds: readonly string[]) => Promise<ReadonlyMap<string, Reading>>;
  /** Marks of those tasks that have a state: cheaper than the states. Never asked for none. */
  readonly readMarks: (taskIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly pace: PollPace;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The error of a watch that did not begin in time. */
  readonly tooLate: (taskId: string) => Error;
  /** Starts to listen for announcements, where there are any; resolves once it does, or has failed to. */
  readonly listen: () => Promise<void>;
  /** Refuses what the store cannot tell from another id. */
  readonly checkId: (taskId: string) => void;
  /** Tasks in one `readStates` at most. */
  readonly readsPerCall: number;
}

const RETRY = exponentialBackoff({ baseMs: 100, maxMs: 5_000 });

/** @see PollingWatcherOptions */
export class PollingWatcher implements ResultWatcher, AsyncDisposable {
  readonly #options: PollingWatcherOptions;
  readonly #tasks = new Map<string, WatchedTask>();
  /** Tasks to read, and who waits for the first read. */
  readonly #dirty = new Map<string, Deferred<void>[]>();
  /** Of watches that have not begun. */
  readonly #beginnings = new Set<Deferred<void>>();
  readonly #stop = new AbortController();
  #looking: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #wake: AbortController | undefined;

  constructor(options: PollingWatcherOptions) {
    this.#options = options;
  }

  async watch(taskId: string, onMeta: Listener["onMeta"], watchOptions: WatchOptions = {}): Promise<AsyncDisposable> {
    const { signal, timeoutMs = this.#options.timeoutMs, onError = () => undefined } = watchOptions;
    signal?.throwIfAborted();
    if (this.#stop.signal.aborted) throw closedError();
    this.#options.checkId(taskId);
    const listener: Listener = { onMeta, onError, heard: undefined };
    const leave = this.#enter(taskId, listener);
    const first = createDeferred<void>();
    this.#beginnings.add(first);
    this.#options.listen().then(() => this.#read(taskId, first), first.reject);
    try {
      await withDeadline(first.promise, { timeoutMs, signal }, () => this.#options.tooLate(taskId));
    } catch (error) {
      leave();
      throw error;
    } finally {
      this.#beginnings.delete(first);
    }
    this.#quicken();
    this.#looking ??= this.#look();
    return { [Symbol.asyncDispose]: async () => leave() };
  }

  /** Those tasks have been stored: reads the ones that are waited for. */
  changed(taskIds: readonly string[]): void {
    for (const taskId of taskIds) if (this.#tasks.has(taskId)) this.#read(taskId);
  }

  /** Announcements may have been missed: reads everything. */
  missed(error?: unknown): void {
    for (const task of this.#tasks.values()) {
      if (error !== undefined) task.report(error);
      if (!task.isFinal) this.#read(task.taskId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#wake?.abort();
    this.#tasks.clear();
    for (const beginning of this.#beginnings) beginning.reject(closedError());
    await Promise.all([this.#looking, this.#reading]);
  }

  #enter(taskId: string, listener: Listener): () => void {
    const task = this.#tasks.get(taskId) ?? new WatchedTask(taskId);
    this.#tasks.set(taskId, task);
    task.listeners.add(listener);
    return () => {
      task.listeners.delete(listener);
      if (task.listeners.size === 0 && this.#tasks.get(taskId) === task) this.#tasks.delete(taskId);
      if (this.#tasks.size === 0) this.#wake?.abort();
    };
  }

  #read(taskId: string, waiter?: Deferred<void>): void {
    const waiters = this.#dirty.get(taskId) ?? [];
    this.#dirty.set(taskId, waiter === undefined ? waiters : [...waiters, waiter]);
    // After this turn, so that all of one tick are read together.
    this.#reading ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#readDirty());
  }

  async #readDirty(): Promise<void> {
    for (let failures = 0; this.#dirty.size > 0 && !this.#stop.signal.aborted; ) {
      const batch = new Map([...this.#dirty].slice(0, this.#options.readsPerCall));
      for (const taskId of batch.keys()) this.#dirty.delete(taskId);
      try {
        this.#tell(await this.#options.readStates([...batch.keys()]));
        failures = 0;
        for (const waiter of [...batch.values()].flat()) waiter.resolve();
      } catch (error) {
        failures += 1;
        this.#failed(batch, error);
        await this.#options.clock.sleep(RETRY(failures), this.#stop.signal);
      }
    }
    this.#reading = undefined;
  }

  #tell(readings: ReadonlyMap<string, Reading>): void {
    for (const [taskId, reading] of readings) {
      const task = this.#tasks.get(taskId);
      if (task === undefined) continue;
      if (task.mark !== reading.mark) this.#options.pace.quicken();
      if ("meta" in reading) task.tell(reading.mark, reading.meta);
      else if (task.mark !== reading.mark) {
        task.mark = reading.mark;
        task.report(reading.error);
      }
    }
  }

  /** Who waits for a first read hears of it as the outcome of `watch`; the others are read again. */
  #failed(batch: ReadonlyMap<string, readonly Deferred<void>[]>, error: unknown): void {
    for (const [taskId, waiters] of batch) {
      for (const waiter of waiters) waiter.reject(error);
      const task = this.#tasks.get(taskId);
      if (task === undefined || task.listeners.size === waiters.length) continue;
      task.report(error);
      if (!this.#dirty.has(taskId)) this.#dirty.set(taskId, []);
    }
  }

  /** Looks at all tasks, again and again, until nobody waits. */
  async #look(): Promise<void> {
    let failures = 0;
    while (this.#tasks.size > 0 && !this.#stop.signal.aborted) {
      const pauseMs = failures === 0 ? this.#options.pace.next() : RETRY(failures);
      this.#wake = new AbortController();
      await this.#options.clock.sleep(pauseMs, this.#wake.signal);
      if (this.#wake.signal.aborted) continue; // to pause anew, for a shorter time
      const open = [...this.#tasks.values()].filter((task) => !task.isFinal);
      if (this.#stop.signal.aborted || open.length === 0) continue;
      // Of those without a state there is most likely none, and what there is will be told: no need to ask for marks first.
      for (const task of open) if (task.mark === undefined) this.#read(task.taskId);
      const known = open.filter((task) => task.mark !== undefined);
      try {
        await this.#reading;
        if (known.length > 0) this.#compare(await this.#options.readMarks(known.map((task) => task.taskId)));
        failures = 0;
      } catch (error) {
        failures += 1;
        if (!this.#stop.signal.aborted) for (const task of known) task.report(error);
      }
    }
    this.#looking = undefined;
    if (this.#tasks.size > 0 && !this.#stop.signal.aborted) this.#looking = this.#look();
  }

  #compare(marks: ReadonlyMap<string, string>): void {
    for (const [taskId, mark] of marks) {
      const task = this.#tasks.get(taskId);
      if (task !== undefined && task.mark !== mark) this.#read(taskId);
    }
  }

  /** Cuts a long pause short, but not a short one: a stream of new watches must not put the next look off for ever. */
  #quicken(): void {
    const { pace } = this.#options;
    pace.quicken();
    if (pace.isSlow) this.#wake?.abort();
  }
}

function closedError(): BackendError {
  return new BackendError("This backend has been closed.", { code: "BACKEND_CLOSED" });
}
