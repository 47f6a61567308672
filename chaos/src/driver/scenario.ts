import type { FaultKind } from "./fault-driver.js";

/** What is run and what is broken meanwhile. */
export interface Scenario {
  readonly name: string;
  /** One line for the report. */
  readonly title: string;
  readonly acksLate: boolean;
  /** Faults and the mean pause between two of a kind, in milliseconds. */
  readonly faults: readonly { readonly kind: FaultKind; readonly everyMs: number }[];
}

/** RELIABILITY 2.3: F1 (parts), F3, F4. */
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
];

/** Those that run when none is named. */
export const DEFAULT_SCENARIOS: readonly string[] = ["late", "early"];
