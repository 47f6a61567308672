/**
 * What has been heard of each task, and who wants to hear more.
 *
 * Invariants: (1) SUCCESS is sticky. (2) Listeners hear every state that enters, in order, in the same turn. (3) Whatever
 * leaves the table, or does not enter it, is released exactly once: then its message is settled. (4) Neither more results
 * than the limit nor expired ones are kept.
 * @module
 */
import type { KnownState } from "./known-state.js";

/** A state with the message that brought it. */
export interface Entry {
  readonly state: KnownState;
  readonly print: string;
  /** Settles the message: it is not needed any more. */
  readonly release: () => void;
}

interface Kept extends Entry {
  readonly atMs: number;
}

export interface ResultTableOptions {
  readonly maxResults: number;
  /** 0 keeps results for ever. */
  readonly expiresMs: number;
  readonly now: () => number;
  /** The limit was reached: told once. */
  readonly onOverflow: () => void;
}

export type StateListener = (state: KnownState) => void;

export class ResultTable {
  readonly #options: ResultTableOptions;
  /** The oldest first. */
  readonly #kept = new Map<string, Kept>();
  readonly #listeners = new Map<string, Set<StateListener>>();
  #hasOverflowed = false;

  constructor(options: ResultTableOptions) {
    this.#options = options;
  }

  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  get(taskId: string): KnownState | undefined {
    this.#expire();
    return this.#kept.get(taskId)?.state;
  }

  /** Whether nothing that comes can change it. */
  isFinal(taskId: string): boolean {
    const state = this.get(taskId);
    return state?.kind === "meta" && state.meta.status === "SUCCESS";
  }

  put(taskId: string, entry: Entry): void {
    if (this.isFinal(taskId)) {
      entry.release();
      return;
    }
    this.#drop(taskId, this.#kept.get(taskId));
    this.#kept.set(taskId, { ...entry, atMs: this.#options.now() });
    this.#limit();
    for (const listener of this.#listeners.get(taskId) ?? []) listener(entry.state);
  }

  /**
   * A message came again. @returns Whether its state is the newest one of its task: then the new delivery stands for it.
   */
  refresh(taskId: string, { print, release }: Omit<Entry, "state">): boolean {
    const known = this.#kept.get(taskId);
    if (known?.print !== print) return false;
    this.#kept.set(taskId, { ...known, release }); // keeps its place
    return true;
  }

  delete(taskId: string): void {
    this.#drop(taskId, this.#kept.get(taskId));
  }

  /** @returns Forgets the listener. */
  listen(taskId: string, listener: StateListener): () => void {
    const listeners = this.#listeners.get(taskId) ?? new Set();
    this.#listeners.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(taskId) === listeners) this.#listeners.delete(taskId);
    };
  }

  #drop(taskId: string, known: Kept | undefined): void {
    if (known === undefined) return;
    this.#kept.delete(taskId);
    known.release();
  }

  #expire(): void {
    const { expiresMs, now } = this.#options;
    if (expiresMs === 0) return;
    const limitMs = now() - expiresMs;
    for (const [taskId, kept] of this.#kept) {
      if (kept.atMs > limitMs) return;
      this.#drop(taskId, kept);
    }
  }

  #limit(): void {
    if (this.#kept.size <= this.#options.maxResults) return;
    if (!this.#hasOverflowed) this.#options.onOverflow();
    this.#hasOverflowed = true;
    for (const [taskId, oldest] of this.#kept) {
      this.#drop(taskId, oldest);
      return;
    }
  }
}
