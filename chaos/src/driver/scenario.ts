import type { LoadKind } from "../system/system-config.js";
import type { FaultKind } from "./fault-driver.js";

/** What is run and what is broken meanwhile. */
export interface Scenario {
  readonly name: string;
  /** One line for the report. */
  readonly title: string;
  readonly acksLate: boolean;
  /** RabbitMQ for messages, Redis for results. Default: Redis for both. */
  readonly broker?: "amqp";
  /** Of the run, instead of what the command line says. */
  readonly run?: ScenarioRunOptions;
  /** Milliseconds after which RabbitMQ takes a message back from a worker; absent: its default, half an hour. */
  readonly consumerTimeoutMs?: number;
  /** What a slow task takes. Default 1000. */
  readonly slowMs?: number;
  /** Default `tasks`. */
  readonly load?: LoadKind;
  /** Seconds a result is kept; absent: the default, which no run reaches. */
  readonly resultExpires?: number;
  /** Faults and the mean pause between two of a kind, in milliseconds. */
  readonly faults: readonly { readonly kind: FaultKind; readonly everyMs: number }[];
}

/** A scenario that only proves something with a load of its own. */
export interface ScenarioRunOptions {
  /** At most so many. */
  readonly tasks?: number;
  readonly rate?: number;
  readonly workers?: number;
  /** Children of each worker. */
  readonly slots?: number;
  readonly maxFaults?: number;
  readonly minFaults?: number;
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

/** RELIABILITY 2.3 on RabbitMQ. Run when they are named: they need a rabbitmq-server. */
export const RABBIT_SCENARIOS: readonly Scenario[] = [
  {
    name: "amqp",
    title: "RabbitMQ, acksLate, a worker killed about every second and all connections closed about every 2 s",
    broker: "amqp",
    acksLate: true,
    faults: [
      { kind: "kill-group", everyMs: 1000 },
      { kind: "close-connections", everyMs: 2000 },
    ],
  },
  {
    name: "amqp-alarm",
    title: "RabbitMQ, acksLate, a memory alarm of 30 s while tasks are published",
    broker: "amqp",
    acksLate: true,
    run: { tasks: 6000, rate: 100, maxFaults: 1, minFaults: 1 },
    faults: [{ kind: "memory-alarm", everyMs: 5000 }],
  },
  {
    name: "amqp-timeout",
    title: "RabbitMQ, acksLate, a consumer_timeout of 3 s, slow tasks take 10 s, others wait behind them",
    broker: "amqp",
    acksLate: true,
    consumerTimeoutMs: 3000,
    slowMs: 10_000,
    run: { tasks: 300, slots: 1, minFaults: 1 },
    faults: [],
  },
  {
    name: "amqp-timeout-alone",
    title: "the same with one worker, so that every start counts",
    broker: "amqp",
    acksLate: true,
    consumerTimeoutMs: 3000,
    slowMs: 10_000,
    run: { tasks: 300, workers: 1, minFaults: 1 },
    faults: [],
  },
];

/** Those that run when none is named. */
export const DEFAULT_SCENARIOS: readonly string[] = ["late", "early"];
