import type { Fault } from "../fault.js";
import type { LedgerEntry } from "../ledger-entry.js";
import type { TaskHistory } from "../task-history.js";
import type { Verdict } from "../verdict.js";
import { verdictOf } from "../verdict.js";
import type { ChordHistory } from "./chord-history.js";
import { readChords } from "./chord-history.js";
import type { ChordStoreState, StoredResult } from "./chord-store.js";
import { findChordFaults } from "./find-chord-faults.js";

export interface ChordFigures {
  readonly offered: number;
  readonly accepted: number;
  /** Chords with a header task that raises. */
  readonly failing: number;
  readonly never: number;
  readonly twice: number;
  readonly wrongList: number;
  readonly early: number;
  readonly errbacksWrong: number;
  /** Places in headers whose runs returned different values. */
  readonly contradictions: number;
  /** Bodies and errbacks that an interruption made start again. */
  readonly explainedRepeats: number;
  readonly copies: number;
  readonly sizesLost: number;
}

export interface ChordJudgement {
  readonly figures: ChordFigures;
  readonly verdicts: readonly Verdict[];
}

export interface ChordInput {
  readonly entries: readonly LedgerEntry[];
  readonly tasks: readonly TaskHistory[];
  readonly faults: readonly Fault[];
  readonly store: ChordStoreState;
  /** Results expire during the run: what is still stored says nothing. */
  readonly resultsExpire: boolean;
}

/** Judges the chords of a run. */
export function judgeChords({ entries, tasks, faults, store, resultsExpire }: ChordInput): ChordJudgement {
  const chords = readChords(entries, tasks);
  const found = findChordFaults(chords, faults);
  const refused = chords.flatMap(({ accepted, group }) => (accepted || group === undefined ? [] : [`${group}.`]));
  // What the broker has taken of a refused chord waits for the rest until it expires.
  const leftovers = store.leftovers.filter((key) => key.includes(" ") || !refused.some((group) => key.includes(group)));
  const stored = resultsExpire ? [] : chords.flatMap((chord) => wrongResult(chord, store.results));
  const damage = (what: string): number =>
    entries.filter((entry) => entry.kind === "D" && entry.extra.what === what).length;
  return {
    figures: {
      offered: chords.length,
      accepted: chords.filter((chord) => chord.accepted).length,
      failing: chords.filter((chord) => chord.fails).length,
      never: found.never.length,
      twice: found.twice.length,
      wrongList: found.wrongList.length,
      early: found.early.length,
      errbacksWrong: found.errbacks.length,
      contradictions: chords.reduce((sum, chord) => sum + contradictions(chord), 0),
      explainedRepeats: found.explainedRepeats,
      copies: damage("copy"),
      sizesLost: damage("size"),
    },
    verdicts: [
      verdictOf("chord never", found.never, "accepted, its body (or errback) never ran to the end"),
      verdictOf(
        "chord twice",
        found.twice,
        "more than one body id, message or start; or any, though the header failed",
      ),
      verdictOf("wrong list", found.wrongList, "not one value per header task, in order, that it had returned"),
      verdictOf("early body", found.early, "started before a header task had ended"),
      verdictOf("one errback", found.errbacks, "not exactly one errback per failed chord"),
      verdictOf("chord results", stored, "what is stored for a body is not what it returned, or not ChordError"),
      verdictOf("left in the store", leftovers, "counters of finished chords, keys that never expire"),
    ],
  };
}

/** A body returns its list; the body of a failed chord fails with ChordError. */
function wrongResult(chord: ChordHistory, results: ReadonlyMap<string, StoredResult>): readonly string[] {
  if (!chord.accepted) return [];
  const stored = results.get(chord.bodyId);
  if (stored === undefined) return [`${chord.name} nothing stored`];
  const isRight = chord.fails ? isChordError(stored) : isGivenList(chord, stored);
  return isRight ? [] : [`${chord.name} ${stored.status} ${JSON.stringify(stored.value)?.slice(0, 80)}`];
}

function isGivenList({ bodyId, given }: ChordHistory, { status, value }: StoredResult): boolean {
  const text = JSON.stringify(value);
  return status === "SUCCESS" && given.some((list) => list.taskId === bodyId && JSON.stringify(list.values) === text);
}

function isChordError({ status, value }: StoredResult): boolean {
  const isObject = typeof value === "object" && value !== null && "exc_type" in value;
  return status === "FAILURE" && isObject && value.exc_type === "ChordError";
}

function contradictions({ returned }: ChordHistory): number {
  return [...returned.values()].filter((values) => values.size > 1).length;
}
