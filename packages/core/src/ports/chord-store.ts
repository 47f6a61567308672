import type { CallOptions } from "./call-options.js";

/** One completion of a chord's header. A retry or a replaced task is none. */
export interface ChordPart {
  /** Id of the header's group. */
  readonly groupId: string;
  readonly taskId: string;
  /** Place in the list of results; null from peers that send none: those come last. */
  readonly groupIndex: number | null;
  readonly status: "SUCCESS" | "FAILURE" | "REVOKED";
  /** JSON text of the return value or of the exception. */
  readonly result: string;
  /** Completions to wait for, as the message says: for a size that the store has lost. Null when it does not say. */
  readonly size: number | null;
}

/** A completion as it was recorded. */
export interface ChordEntry {
  readonly taskId: string;
  readonly status: string;
  /** Decoded JSON. */
  readonly result: unknown;
}

/** What recording a part has come to. */
export type ChordStanding =
  /** Others are missing. */
  | { readonly kind: "waiting" }
  /** All are there, and the task of this part finishes the chord. `entries` are in the header's order. */
  | { readonly kind: "complete"; readonly entries: readonly ChordEntry[] }
  /** Another task finishes it, or has. */
  | { readonly kind: "closed" };

/**
 * Counts the completions of chords and decides, atomically, who finishes each (RELIABILITY G11).
 *
 * 1. A task counts once, with the first result recorded for it, however often it is delivered.
 * 2. One task is told `complete`. It is told again when its part is recorded again, until `close`: a worker that died on
 *    the way is followed by the next attempt of the same task.
 * 3. After `close` nobody is told `complete`.
 *
 * Whatever is kept expires, but not before a day has passed since the last part.
 * @see PROTOCOL 7.5.
 */
export interface ChordStore {
  /** Completions to wait for. The same again changes nothing. @throws BackendError */
  setSize(groupId: string, size: number, options?: CallOptions): Promise<void>;
  /** One more completion to wait for, once per member. @see Celery `Task.add_to_chord`. @throws BackendError */
  extend(groupId: string, memberId: string, options?: CallOptions): Promise<void>;
  /** Records a completion. Adapters coalesce those of one tick. @throws BackendError */
  addPart(part: ChordPart, options?: CallOptions): Promise<ChordStanding>;
  /** The body is sent, or has failed: forgets the parts. @throws BackendError */
  close(groupId: string, options?: CallOptions): Promise<void>;
}
