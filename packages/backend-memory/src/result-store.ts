/**
 * Where the results of memory backends are: what the server is for other stores. Backends that are handed the same store
 * are peers.
 * Invariants: (1) a record with SUCCESS is never replaced; (2) watchers hear a record exactly when it is stored, in that
 * order; (3) records are ordered by the time they were last stored, so that the expired ones are in front.
 * @module
 */
import type { Clock } from "@celeriac/core/ports";
import type { TaskState } from "@celeriac/core/protocol";
import { ChordTable } from "./chord-table.js";

interface StoredResult {
  readonly status: TaskState;
  /** Celery's meta document, as every other store has it. */
  readonly text: string;
  readonly storedAtMs: number;
}

type Listener = (text: string) => void;

/** The contents of a memory backend; pass one store to several backends to make them peers. */
export class ResultStore {
  /** Documents of saved groups. */
  readonly groups: Map<string, string> = new Map();
  readonly chords: ChordTable = new ChordTable();
  readonly #results = new Map<string, StoredResult>();
  readonly #listeners = new Map<string, Set<Listener>>();

  /** Stores and announces, unless SUCCESS is stored already. PROTOCOL 7.4. */
  put(taskId: string, status: TaskState, text: string, clock: Clock): void {
    if (this.#results.get(taskId)?.status === "SUCCESS") return;
    this.#results.delete(taskId);
    this.#results.set(taskId, { status, text, storedAtMs: clock.now() });
    for (const listener of this.#listeners.get(taskId) ?? []) listener(text);
  }

  /** Puts a record in as it is, readable or not: for tests of readers. */
  putRaw(taskId: string, text: string): void {
    this.#results.set(taskId, { status: "", text, storedAtMs: 0 });
  }

  get(taskId: string): string | undefined {
    return this.#results.get(taskId)?.text;
  }

  delete(taskId: string): void {
    this.#results.delete(taskId);
  }

  /** Drops what was last stored before `beforeMs`. */
  expire(beforeMs: number): void {
    for (const [taskId, result] of this.#results) {
      if (result.storedAtMs >= beforeMs) return;
      this.#results.delete(taskId);
    }
  }

  /** `listener` hears of every later record of the task, until the returned function is called. */
  listen(taskId: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(taskId) ?? new Set();
    this.#listeners.set(taskId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(taskId) === listeners) this.#listeners.delete(taskId);
    };
  }
}
