import { parseArgs } from "node:util";
import type { Scenario } from "./scenario.js";
import { DEFAULT_SCENARIOS, RABBIT_SCENARIOS, SCENARIOS } from "./scenario.js";

/** What the command line asked for. */
export interface RunOptions {
  readonly scenarios: readonly Scenario[];
  readonly tasks: number;
  readonly chords: number;
  /** Header tasks of most chords. */
  readonly headers: number;
  readonly seed: number;
  readonly workers: number;
  readonly slots: number;
  /** Publishes per second; 0 is as fast as it goes. */
  readonly rate: number;
  /** Seconds. */
  readonly visibilityTimeout: number;
  readonly minutes: number;
  readonly minFaults: number;
  /** No more than so many; `Infinity` while the load lasts. */
  readonly maxFaults: number;
  /** 0: nothing is planted. */
  readonly plantEvery: number;
  readonly dir: string;
  readonly keep: boolean;
  readonly redisBinary: string;
}

/** Every scenario that has a name. */
const NAMED: readonly Scenario[] = [...SCENARIOS, ...RABBIT_SCENARIOS];

export const USAGE: string = `node chaos/dist/run.js [scenario ...] [options]

Scenarios (default: ${DEFAULT_SCENARIOS.join(" ")}; "all" for every one on Redis)
${NAMED.map(({ name, title }) => `  ${name.padEnd(15)} ${title}`).join("\n")}

Options
  --tasks <n>        tasks to publish (10000)
  --chords <n>       chords to publish (500)   --headers <n> tasks in the header of most of them (20)
  --seed <n>         load and fault schedule (now)
  --plant            drop one accepted message in 5,000, or spoil three chords: one body twice, one never, one list
                     in another order; exit code 0 then means that the auditor caught it
  --plant-every <n>  the same, one message in n
  --workers <n>      prefork workers (3)       --slots <n>   children of each (4)
  --rate <n>         publishes per second (0: as fast as it goes)
  --visibility <s>   visibility timeout in seconds (4)
  --minutes <n>      give up after so long (15)
  --faults <n>       stop breaking things after n faults (no limit)
  --min-faults <n>   fail a run with fewer faults (5)
  --keep             keep ledgers and logs of a run that passed`;

const PLANT_EVERY = 5000;

/** Where the run takes place, found out by the caller. */
export interface RunPlace {
  readonly dir: string;
  readonly redisBinary: string;
  /** Used when no seed is given. */
  readonly seed: number;
}

/** `undefined`: help was asked for. @throws Error with what is wrong. */
export function parseRunOptions(words: readonly string[], place: RunPlace): RunOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...words].filter((word) => word !== "--"), // pnpm passes it on
    allowPositionals: true,
    options: {
      tasks: { type: "string", default: "10000" },
      chords: { type: "string", default: "500" },
      headers: { type: "string", default: "20" },
      seed: { type: "string", default: String(place.seed) },
      plant: { type: "boolean", default: false },
      "plant-every": { type: "string" },
      workers: { type: "string", default: "3" },
      slots: { type: "string", default: "4" },
      rate: { type: "string", default: "0" },
      visibility: { type: "string", default: "4" },
      minutes: { type: "string", default: "15" },
      faults: { type: "string" },
      "min-faults": { type: "string", default: "5" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const number = (
    name:
      | "tasks"
      | "chords"
      | "headers"
      | "seed"
      | "workers"
      | "slots"
      | "rate"
      | "visibility"
      | "minutes"
      | "min-faults",
  ): number => readNumber(name, values[name]);
  const tasks = number("tasks");
  const every = values["plant-every"] === undefined ? undefined : readNumber("plant-every", values["plant-every"]);
  return {
    scenarios: chooseScenarios(positionals),
    tasks,
    chords: number("chords"),
    headers: number("headers"),
    seed: number("seed"),
    workers: number("workers"),
    slots: number("slots"),
    rate: number("rate"),
    visibilityTimeout: number("visibility"),
    minutes: number("minutes"),
    minFaults: number("min-faults"),
    maxFaults: values.faults === undefined ? Number.POSITIVE_INFINITY : readNumber("faults", values.faults),
    plantEvery: every ?? (values.plant ? Math.min(PLANT_EVERY, tasks) : 0),
    dir: place.dir,
    keep: values.keep,
    redisBinary: place.redisBinary,
  };
}

function readNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0)
    throw new Error(`--${name} wants a number, not "${text}".`);
  return value;
}

function chooseScenarios(names: readonly string[]): readonly Scenario[] {
  if (names.includes("all")) return SCENARIOS;
  return (names.length === 0 ? DEFAULT_SCENARIOS : names).map((name) => {
    const found = NAMED.find((scenario) => scenario.name === name);
    if (found === undefined) {
      throw new Error(
        `No scenario is called "${name}". There are: ${NAMED.map((scenario) => scenario.name).join(", ")}.`,
      );
    }
    return found;
  });
}
