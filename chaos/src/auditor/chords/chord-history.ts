/**
 * The ledger told by chord: what its header returned, and which bodies and errbacks it led to. Chords are known by the
 * number that their tasks carry as an argument, not by ids: ids are made by what is judged.
 * @module
 */
import type { LedgerEntry } from "../ledger-entry.js";
import type { TaskHistory } from "../task-history.js";

/** What a chord's body was given. */
export interface GivenList {
  readonly atMs: number;
  readonly taskId: string;
  readonly length: number;
  /** The values; the first 60 of a longer list. */
  readonly values: readonly unknown[];
}

export interface ChordHistory {
  readonly number: number;
  /** `c000012`, for people. */
  readonly name: string;
  /** Header tasks. */
  readonly size: number;
  /** Whether a header task raises, so that the body must not run. */
  readonly fails: boolean;
  /** Id that the client was given for the body. */
  readonly bodyId: string;
  /** Id of the header, in the names of the chord's keys; absent without a header. */
  readonly group: string | undefined;
  /** The client was told that all of it is stored. */
  readonly accepted: boolean;
  /** By place in the header: what its runs returned, and when each value came first. */
  readonly returned: ReadonlyMap<number, ReadonlyMap<string, number>>;
  /** By place in the header: when a run of it first ended for good. */
  readonly firstEndMs: ReadonlyMap<number, number>;
  readonly given: readonly GivenList[];
  readonly bodies: readonly TaskHistory[];
  readonly errbacks: readonly TaskHistory[];
  /** Ids of bodies that were stored at the broker, once per time. */
  readonly bodiesStored: readonly string[];
  readonly errbacksStored: readonly string[];
}

/** Over all chords that were offered to the broker. `entries` must be in order of time. */
export function readChords(entries: readonly LedgerEntry[], tasks: readonly TaskHistory[]): readonly ChordHistory[] {
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const byChord = new Map<number, LedgerEntry[]>();
  for (const entry of entries) {
    const { chord } = entry.extra;
    if (typeof chord !== "number") continue;
    const lines = byChord.get(chord) ?? [];
    byChord.set(chord, lines);
    lines.push(entry);
  }
  return [...byChord]
    .filter(([, lines]) => lines.some((line) => line.kind === "W"))
    .map(([number, lines]) => readChord(number, lines, byId));
}

function readChord(
  number: number,
  lines: readonly LedgerEntry[],
  byId: ReadonlyMap<string, TaskHistory>,
): ChordHistory {
  const of = (kind: LedgerEntry["kind"], role: string): readonly LedgerEntry[] =>
    lines.filter((line) => line.kind === kind && line.extra.role === role);
  const offered = lines.filter((line) => line.kind === "W");
  const intent = offered.find((line) => line.extra.phase === "intended");
  const histories = (role: string): readonly TaskHistory[] =>
    [...new Set(of("S", role).map((line) => line.id))].flatMap((id) => byId.get(id) ?? []);
  return {
    number,
    name: chordName(number),
    size: Number(intent?.extra.size),
    fails: intent?.extra.fails === true,
    bodyId: String(intent?.extra.body),
    group: typeof intent?.extra.group === "string" ? intent.extra.group : undefined,
    accepted: offered.some((line) => line.extra.phase === "confirmed"),
    ...readParts(of("E", "part")),
    given: of("S", "body").map(readGiven),
    bodies: histories("body"),
    errbacks: histories("errback"),
    bodiesStored: of("B", "body").map((line) => line.id),
    errbacksStored: of("B", "errback").map((line) => line.id),
  };
}

export function chordName(number: number): string {
  return `c${String(number).padStart(6, "0")}`;
}

function readParts(ends: readonly LedgerEntry[]): Pick<ChordHistory, "returned" | "firstEndMs"> {
  const returned = new Map<number, Map<string, number>>();
  const firstEndMs = new Map<number, number>();
  for (const { atMs, extra } of ends) {
    const index = Number(extra.index);
    if (extra.out === "retry") continue;
    if (!firstEndMs.has(index)) firstEndMs.set(index, atMs);
    if (typeof extra.value !== "string") continue;
    const values = returned.get(index) ?? new Map<string, number>();
    returned.set(index, values);
    if (!values.has(extra.value)) values.set(extra.value, atMs);
  }
  return { returned, firstEndMs };
}

function readGiven({ atMs, id, extra }: LedgerEntry): GivenList {
  const values: readonly unknown[] = Array.isArray(extra.list) ? extra.list : [];
  return { atMs, taskId: id, length: Number(extra.length), values };
}
