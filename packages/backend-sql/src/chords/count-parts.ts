/**
 * What recording completions comes to, decided from what the database holds while it is locked. Pure.
 * Invariants: (1) a task counts once, with the first result recorded; (2) one task finishes a chord, and hears so again
 * until the chord is closed; (3) a closed chord counts nothing. RELIABILITY G11.
 * @module
 */
import type { ChordPart } from "@celeriac/core/ports";

/** A chord's row. */
export interface ChordState {
  /** Completions to wait for without members that came later; `undefined` when nobody has said. */
  readonly size: number | undefined;
  /** How many members have been added to it. */
  readonly members: number;
  /** Completions recorded. */
  readonly counted: number;
  /** The task that finishes it. */
  readonly finisher: string | undefined;
  readonly isClosed: boolean;
}

/** Others are missing; the part's task finishes the chord; another one does, or has. */
export type PartOutcome = "waiting" | "complete" | "closed";

export interface PartCount {
  readonly state: ChordState;
  /** Those to record. */
  readonly fresh: readonly ChordPart[];
  /** One per part. */
  readonly outcomes: readonly PartOutcome[];
}

/** @param recorded - Ids of those of the parts' tasks that are recorded already. */
export function countParts(state: ChordState, parts: readonly ChordPart[], recorded: ReadonlySet<string>): PartCount {
  const known = new Set(recorded);
  const fresh: ChordPart[] = [];
  let { counted, finisher } = state;
  const outcomes = parts.map((part): PartOutcome => {
    if (state.isClosed) return "closed";
    if (finisher === undefined && !known.has(part.taskId)) {
      known.add(part.taskId);
      fresh.push(part);
      counted += 1;
    }
    const size = state.size ?? part.size ?? Number.POSITIVE_INFINITY;
    if (finisher === undefined && counted >= size + state.members) finisher = part.taskId;
    if (finisher === undefined) return "waiting";
    return finisher === part.taskId ? "complete" : "closed";
  });
  return { state: { ...state, counted, finisher }, fresh, outcomes };
}

/** A completion as it is kept. */
export interface RecordedPart {
  readonly taskId: string;
  readonly position: number | undefined;
  readonly status: string;
  /** JSON text. */
  readonly result: string;
}

/** In the header's order: those without a place last, ids decide among equals. */
export function inOrder(left: RecordedPart, right: RecordedPart): number {
  const leftPlace = left.position ?? Number.POSITIVE_INFINITY;
  const rightPlace = right.position ?? Number.POSITIVE_INFINITY;
  if (leftPlace !== rightPlace) return leftPlace - rightPlace;
  return left.taskId < right.taskId ? -1 : 1;
}
