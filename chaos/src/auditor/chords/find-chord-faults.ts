/**
 * What can go wrong with a chord, each as the names of the chords it went wrong with. RELIABILITY G11, F20.
 *
 * Nothing excuses a body that never runs, that is stored at the broker twice, or that is given a wrong list. A body may
 * start again only when a fault interrupted an earlier run of that very body: faults in the header excuse nothing.
 * @module
 */
import type { Fault } from "../fault.js";
import { findDuplicates } from "../find-duplicates.js";
import type { TaskHistory } from "../task-history.js";
import { finalEnd } from "../task-history.js";
import type { ChordHistory, GivenList } from "./chord-history.js";

export interface ChordFaults {
  /** No body ran to its end; of a chord that fails, no errback did. */
  readonly never: readonly string[];
  /** More than one body: ids, messages, or starts that no interruption of the body explains. Any, of a chord that fails. */
  readonly twice: readonly string[];
  readonly wrongList: readonly string[];
  readonly early: readonly string[];
  /** More than one errback of a chord that fails, counted like bodies; any, of one that does not. */
  readonly errbacks: readonly string[];
  /** Starts of bodies and errbacks that an interruption of the same task explains. */
  readonly explainedRepeats: number;
}

export function findChordFaults(chords: readonly ChordHistory[], faults: readonly Fault[]): ChordFaults {
  const named = (find: (chord: ChordHistory) => string | undefined): readonly string[] =>
    chords.flatMap((chord) => {
      const found = find(chord);
      return found === undefined ? [] : [`${chord.name} ${found}`];
    });
  return {
    never: named(findNever),
    twice: named((chord) => findMore(chord.bodies, chord.bodiesStored, chord.fails ? 0 : 1, faults)),
    wrongList: named(findWrongList),
    early: named(findEarly),
    errbacks: named((chord) => findMore(chord.errbacks, chord.errbacksStored, chord.fails ? 1 : 0, faults)),
    explainedRepeats: chords.reduce((sum, chord) => sum + repeatsOf([...chord.bodies, ...chord.errbacks], faults), 0),
  };
}

/** A chord that the broker refused in part may stay incomplete for ever. */
function findNever(chord: ChordHistory): string | undefined {
  if (!chord.accepted) return undefined;
  const wanted = chord.fails ? chord.errbacks : chord.bodies;
  if (wanted.some((task) => finalEnd(task) !== undefined)) return undefined;
  const what = chord.fails ? "errback" : "body";
  return wanted.length > 0 ? `${what} started, never ended` : `${what} never started`;
}

function findMore(
  started: readonly TaskHistory[],
  stored: readonly string[],
  allowed: number,
  faults: readonly Fault[],
): string | undefined {
  const ids = new Set([...started.map((task) => task.id), ...stored]);
  if (ids.size > allowed) return `${ids.size} ids`;
  if (stored.length > allowed) return `${stored.length} messages`;
  const { unexplained } = findDuplicates(started, faults, "late");
  return unexplained.length > 0 ? `${unexplained.length} unexplained starts` : undefined;
}

function repeatsOf(started: readonly TaskHistory[], faults: readonly Fault[]): number {
  const { total, unexplained } = findDuplicates(started, faults, "late");
  return total - unexplained.length;
}

function findWrongList(chord: ChordHistory): string | undefined {
  for (const given of chord.given) {
    const wrong = wrongEntry(chord, given);
    if (wrong !== undefined) return wrong;
  }
  const lists = new Set(chord.given.map(({ values }) => JSON.stringify(values)));
  return lists.size > 1 ? `${lists.size} different lists` : undefined;
}

/** One entry per place of the header, in its order, each a value that a run of that place returned. */
function wrongEntry({ size, returned }: ChordHistory, { length, values }: GivenList): string | undefined {
  if (length !== size) return `${length} entries for ${size} header tasks`;
  const index = values.findIndex((value, place) => typeof value !== "string" || !returned.get(place)?.has(value));
  return index === -1 ? undefined : `entry ${index} is ${JSON.stringify(values[index])}`;
}

/** Before every header task has ended, or before the run whose value it was given has. */
function findEarly({ size, firstEndMs, returned, given }: ChordHistory): string | undefined {
  for (const { atMs, values } of given) {
    for (let index = 0; index < size; index += 1) {
      const value = values[index];
      const sinceMs =
        (typeof value === "string" ? returned.get(index)?.get(value) : undefined) ?? firstEndMs.get(index);
      if (sinceMs === undefined || sinceMs > atMs) return `header task ${index} had not ended`;
    }
  }
  return undefined;
}
