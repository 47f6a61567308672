/**
 * The chords of memory backends that share a store.
 * Invariants: (1) a task counts once, with the first result recorded; (2) one task finishes a chord, and hears so again
 * until the chord is closed; (3) a closed chord counts nothing; (4) chords are ordered by the time they were last touched,
 * so that the expired ones are in front. RELIABILITY G11.
 * @module
 */
import type { ChordPart } from "@celeriac/core/ports";

interface Chord {
  readonly touchedAtMs: number;
  readonly size: number | undefined;
  readonly members: Set<string>;
  /** By task id. */
  readonly parts: Map<string, ChordPart>;
  readonly finisher: string | undefined;
}

/** Others are missing; another task finishes it, or has; or all parts, in the header's order. */
export type Tally = "waiting" | "closed" | readonly ChordPart[];

export class ChordTable {
  readonly #open = new Map<string, Chord>();
  /** When each was last touched. */
  readonly #closed = new Map<string, number>();

  setSize(groupId: string, size: number, nowMs: number): void {
    const chord = this.#find(groupId);
    if (this.#isCounting(groupId, chord)) replace(this.#open, groupId, { ...chord, size, touchedAtMs: nowMs });
  }

  extend(groupId: string, memberId: string, nowMs: number): void {
    const chord = this.#find(groupId);
    if (!this.#isCounting(groupId, chord)) return;
    chord.members.add(memberId);
    replace(this.#open, groupId, { ...chord, touchedAtMs: nowMs });
  }

  addPart(part: ChordPart, nowMs: number): Tally {
    const { groupId, taskId } = part;
    if (this.#closed.has(groupId)) {
      replace(this.#closed, groupId, nowMs);
      return "closed";
    }
    const chord = this.#find(groupId);
    if (chord.finisher === undefined && !chord.parts.has(taskId)) chord.parts.set(taskId, part);
    const size = chord.size ?? part.size ?? Number.POSITIVE_INFINITY;
    const isComplete = chord.parts.size >= size + chord.members.size;
    const finisher = chord.finisher ?? (isComplete ? taskId : undefined);
    replace(this.#open, groupId, { ...chord, finisher, touchedAtMs: nowMs });
    if (finisher === undefined) return "waiting";
    return finisher === taskId ? [...chord.parts.values()].sort(inOrder) : "closed";
  }

  close(groupId: string, nowMs: number): void {
    this.#open.delete(groupId);
    replace(this.#closed, groupId, nowMs);
  }

  /** Loses the size, as a store that runs out of memory may: for tests. */
  loseSize(groupId: string): void {
    const chord = this.#open.get(groupId);
    if (chord !== undefined) this.#open.set(groupId, { ...chord, size: undefined });
  }

  /** Drops chords that were last touched before `openBeforeMs`, closed ones before `closedBeforeMs`. */
  expire(openBeforeMs: number, closedBeforeMs: number): void {
    dropFirst(this.#open, (chord) => chord.touchedAtMs < openBeforeMs);
    dropFirst(this.#closed, (touchedAtMs) => touchedAtMs < closedBeforeMs);
  }

  #find(groupId: string): Chord {
    const fresh = { touchedAtMs: 0, size: undefined, finisher: undefined };
    return this.#open.get(groupId) ?? { ...fresh, members: new Set(), parts: new Map() };
  }

  #isCounting(groupId: string, chord: Chord): boolean {
    return chord.finisher === undefined && !this.#closed.has(groupId);
  }
}

/** Sets, as the newest. */
function replace<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
}

/** Drops from the oldest on, up to the first that is not old. */
function dropFirst<Value>(map: Map<string, Value>, isOld: (value: Value) => boolean): void {
  for (const [key, value] of map) {
    if (!isOld(value)) return;
    map.delete(key);
  }
}

/** Those without an index last; ids decide among equals, as on Redis. */
function inOrder(left: ChordPart, right: ChordPart): number {
  const leftIndex = left.groupIndex ?? Number.POSITIVE_INFINITY;
  const rightIndex = right.groupIndex ?? Number.POSITIVE_INFINITY;
  if (leftIndex !== rightIndex) return leftIndex - rightIndex;
  return left.taskId < right.taskId ? -1 : 1;
}
