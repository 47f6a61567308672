import type { LoadKind } from "../system/system-config.js";
import type { FaultKind } from "./fault-driver.js";

/** What is run and what is broken meanwhile. */
export interface Scenario {
  readonly name: string;
  /** One line for the report. */
  readonly title: string;
  readonly acksLate: boolean;
  /** Default `tasks`. */
  readonly load?: LoadKind;
  /** Seconds a result is kept; absent: the default, which no run reaches. */
  readonly resultExpires?: number;
  /** Faults and the mean pause between two of a kind, in milliseconds. */
  readonly faults: readonly { readonly kind: FaultKind; readonly everyMs: number }[];
}

/** Together about one a second. */
const EVERY_KILL: Scenario["faults"] = [
  { kind: "kill-group", everyMs: 2000 },
  { kind: "kill-parent", everyMs: 4000 },
  { kind: "kill-child", everyMs: 4000 },
];

/** RELIABILITY 2.3: F1 (parts), F3, F4, F20. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "late",
    title: "acksLate, a worker and its children killed about every second",
    acksLate: true,
    faults: [{ kind: "kill-group", everyMs: 1000 }],
  },
  {
    name: "early",
    title: "early ack, a worker and its children killed about every second",
    acksLate: false,
    faults: [{ kind: "kill-group", everyMs: 1000 }],
  },
  {
    name: "child",
    title: "acksLate, one child killed about twice a second",
    acksLate: true,
    faults: [{ kind: "kill-child", everyMs: 500 }],
  },
  {
    name: "cut",
    title: "acksLate, all connections to the broker reset about every 2 s",
    acksLate: true,
    faults: [{ kind: "cut", everyMs: 2000 }],
  },
  {
    name: "storm",
    title: "acksLate, a worker killed about every 500 ms and all connections reset about every 2 s",
    acksLate: true,
    faults: [
      { kind: "kill-group", everyMs: 500 },
      { kind: "cut", everyMs: 2000 },
    ],
  },
  {
    name: "chords",
    title: "chords, acksLate, a worker, its parent process alone or one child killed, about one a second",
    acksLate: true,
    load: "chords",
    faults: EVERY_KILL,
  },
  {
    name: "chords-expiring",
    title: "the same, results expire after 1 s",
    acksLate: true,
    load: "chords",
    resultExpires: 1,
    faults: EVERY_KILL,
  },
  {
    name: "chords-storm",
    title: "chords, acksLate, a worker killed about every second and all connections reset about every 2 s",
    acksLate: true,
    load: "chords",
    faults: [
      { kind: "kill-group", everyMs: 1000 },
      { kind: "cut", everyMs: 2000 },
    ],
  },
];

/** Those that run when none is named. */
export const DEFAULT_SCENARIOS: readonly string[] = ["late", "early"];
