import { seededRandom } from "../seeded-random.js";
import type { Behaviour } from "./load.js";
import { behaviourFor } from "./load.js";
import type { SystemConfig } from "./system-config.js";

/** One chord to send. */
export interface PlannedChord {
  readonly number: number;
  /** One per header task. */
  readonly header: readonly Behaviour[];
  /** A slow body is more likely to be interrupted. */
  readonly body: "quick" | "slow";
}

/** Of 25 chords in a row: one without header, two with a header of one (one of those fails), two more that fail. */
const CYCLE = 25;
const EMPTY = 3;
const SINGLE = 8;
const SINGLE_FAILS = 13;
const ONE_FAILS = 18;
const LAST_FAILS = 23;
const SLOW_BODIES = 0.1;

/** The same seed gives the same chords; elsewhere than in those that are to fail nothing raises. */
export function planChords(count: number, size: number, random: () => number): readonly PlannedChord[] {
  return Array.from({ length: count }, (_, number) => ({
    number,
    header: planHeader(number % CYCLE, size, random),
    body: random() < SLOW_BODIES ? "slow" : "quick",
  }));
}

export function fails(chord: PlannedChord): boolean {
  return chord.header.includes("raise");
}

function planHeader(place: number, size: number, random: () => number): readonly Behaviour[] {
  switch (place) {
    case EMPTY:
      return [];
    case SINGLE:
      return [peaceful(random())];
    case SINGLE_FAILS:
      return ["raise"];
    case ONE_FAILS:
      return withRaise(plain(size, random), Math.floor(random() * size));
    case LAST_FAILS:
      return withRaise(plain(size, random), size - 1);
    default:
      return plain(size, random);
  }
}

function plain(size: number, random: () => number): readonly Behaviour[] {
  return Array.from({ length: size }, () => peaceful(random()));
}

function peaceful(share: number): Behaviour {
  const behaviour = behaviourFor(share);
  return behaviour === "raise" ? "quick" : behaviour;
}

function withRaise(header: readonly Behaviour[], at: number): readonly Behaviour[] {
  return header.map((behaviour, index) => (index === at ? "raise" : behaviour));
}

/** The faults that `--plant` puts into chords, and the verdicts that must name them. */
export const PLANTS = {
  /** The body's message is stored a second time. */
  twice: "chord twice",
  /** The body's message is thrown away. */
  never: "chord never",
  /** Two entries of the list change places. */
  swapped: "wrong list",
} as const;

export type Plant = keyof typeof PLANTS;

/** The chords of a run, and which of them are spoilt. */
export function chordsOf({
  tasks,
  headers,
  seed,
}: Pick<SystemConfig, "tasks" | "headers" | "seed">): readonly PlannedChord[] {
  return planChords(tasks, headers, seededRandom(seed));
}

/** Which chords are spoilt, and how: three that would go well, spread over the load. */
export function plantedChords(chords: readonly PlannedChord[]): ReadonlyMap<number, Plant> {
  const good = chords.filter((chord) => chord.header.length > 1 && !fails(chord));
  const plants: readonly Plant[] = ["twice", "never", "swapped"];
  return new Map(
    plants.flatMap((plant, index) => {
      const chord = good[Math.floor(((index + 1) * good.length) / 4)];
      return chord === undefined ? [] : [[chord.number, plant] as const];
    }),
  );
}
