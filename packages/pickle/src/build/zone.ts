import type { PyValue } from "../machine/nodes.js";
import { PickleError } from "../pickle-error.js";

/** A wall clock time: milliseconds since 1970 as if it were UTC, and which of two equal times it is. */
export interface WallTime {
  readonly ms: number;
  readonly fold: 0 | 1;
}

/** A Python tzinfo. */
export interface Zone {
  /** Seconds east of UTC; of a time of day without date, `undefined` when it takes a date to know. */
  offsetAt(wall: WallTime | undefined): number | undefined;
}

/** The zones of one pickle, so that each name is looked up once. */
export interface Zones {
  /** Of the IANA database. @throws RangeError when there is no such zone, PickleError with too many. */
  named(name: PyValue): Zone;
}

const maxZones = 64;
const dayMs = 86_400_000;
/** A look-up takes as long as building some kilobytes of other values. */
const lookupWeight = 4_096;
const zoneName = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/;

/** A zone that never changes. */
export function fixedZone(offsetSeconds: number): Zone {
  return { offsetAt: () => offsetSeconds };
}

/** @param weigh - Told of every look-up, so that their time is bounded like memory. */
export function createZones(weigh: (bytes: number) => void): Zones {
  const known = new Map<string, Zone>();
  return {
    named(name): Zone {
      if (typeof name !== "string" || !zoneName.test(name))
        throw new RangeError("the name of a time zone is malformed");
      const zone = known.get(name);
      if (zone !== undefined) return zone;
      // Each takes tens of kilobytes, and names differ in case at will.
      if (known.size === maxZones) throw new PickleError("PICKLE_LIMIT", `it has more than ${maxZones} time zones`);
      const created = namedZone(name, weigh);
      known.set(name, created);
      return created;
    },
  };
}

function namedZone(timeZone: string, weigh: (bytes: number) => void): Zone {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
    hourCycle: "h23",
  });
  const offsetOfInstant = rememberDays((ms) => offsetOf(format, ms), weigh);
  return {
    offsetAt(wall): number | undefined {
      return wall === undefined ? undefined : resolveOffset(offsetOfInstant, wall);
    },
  };
}

/** Asks once per day for days without a change, which nearly all are: formatting is slow. */
function rememberDays(ask: (ms: number) => number, weigh: (bytes: number) => void): (ms: number) => number {
  const days = new Map<number, number | "changes">();
  return (ms) => {
    const day = Math.floor(ms / dayMs);
    let known = days.get(day);
    if (known === undefined) {
      weigh(lookupWeight);
      const offset = ask(day * dayMs);
      known = offset === ask((day + 1) * dayMs - 1000) ? offset : "changes";
      days.set(day, known);
    }
    return known === "changes" ? ask(ms) : known;
  };
}

/**
 * PEP 495: of a time that occurs twice, `fold` says which; of one that never occurs, fold 0 counts by the offset before the
 * jump and fold 1 by the one after it.
 */
function resolveOffset(offsetOfInstant: (ms: number) => number, { ms, fold }: WallTime): number {
  const before = offsetOfInstant(ms - dayMs);
  const after = offsetOfInstant(ms + dayMs);
  if (before === after) return before;
  const fitsBefore = offsetOfInstant(ms - before * 1000) === before;
  const fitsAfter = offsetOfInstant(ms - after * 1000) === after;
  if (fitsBefore === fitsAfter) return fold === 0 ? before : after;
  return fitsBefore ? before : after;
}

function offsetOf(format: Intl.DateTimeFormat, instantMs: number): number {
  const instant = Math.floor(instantMs / 1000) * 1000;
  const fields: Record<string, string> = {};
  for (const { type, value } of format.formatToParts(instant)) fields[type] = value;
  const year = fields.era === "BC" ? 1 - Number(fields.year) : Number(fields.year);
  const wall = new Date(0);
  wall.setUTCFullYear(year, Number(fields.month) - 1, Number(fields.day));
  wall.setUTCHours(Number(fields.hour), Number(fields.minute), Number(fields.second));
  return (wall.getTime() - instant) / 1000;
}
