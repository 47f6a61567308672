/**
 * Lost: accepted by the broker, never ended for good, and not kept as a dead letter. With late acks nothing excuses it.
 * With early ack a fault does, but only one that covered the worker between its request for the ack and the moment the
 * attempt was over. RELIABILITY G2, G3.
 * @module
 */
import type { Fault } from "./fault.js";
import { faultsDuring } from "./fault.js";
import type { LedgerEntry } from "./ledger-entry.js";
import type { AttemptHistory, TaskHistory } from "./task-history.js";
import { endOf, finalEnd, isAccepted } from "./task-history.js";

export type AckMode = "late" | "early";

export interface Losses {
  /** Nothing excuses these. */
  readonly unexplained: readonly string[];
  /** Early ack: the body had started when its worker died. */
  readonly inRun: readonly string[];
  /** Early ack: the ack was asked for, the body had not started yet. */
  readonly betweenAckAndStart: readonly string[];
  /** Early ack: attempts under way in a process when a fault took it. No more than these may be lost. */
  readonly bound: number;
}

/** Sorts the lost tasks by what excuses them. */
export function findLosses(
  tasks: readonly TaskHistory[],
  faults: readonly Fault[],
  deadLetters: ReadonlySet<string>,
  mode: AckMode,
): Losses {
  const lost = tasks.filter((task) => isAccepted(task) && finalEnd(task) === undefined && !deadLetters.has(task.id));
  if (mode === "late") {
    return { unexplained: lost.map((task) => task.id), inRun: [], betweenAckAndStart: [], bound: 0 };
  }
  const sorted = { unexplained: [] as string[], inRun: [] as string[], betweenAckAndStart: [] as string[] };
  for (const task of lost) sorted[excuse(task, faults)].push(task.id);
  const bound = tasks.flatMap((task) => task.attempts.filter((attempt) => wasUnderWay(task, attempt, faults))).length;
  return { ...sorted, bound };
}

function excuse(task: TaskHistory, faults: readonly Fault[]): "unexplained" | "inRun" | "betweenAckAndStart" {
  const reached = task.attempts.filter((attempt) => attempt.confirms.length > 0).at(-1);
  if (reached === undefined || !wasUnderWay(task, reached, faults)) return "unexplained";
  return reached.runs.length > 0 ? "inRun" : "betweenAckAndStart";
}

/** Whether a fault covered the attempt's worker after the ack was asked for and before the attempt was over. */
function wasUnderWay(task: TaskHistory, attempt: AttemptHistory, faults: readonly Fault[]): boolean {
  const overMs = momentOver(task, attempt);
  const beginnings: LedgerEntry[] = [
    ...attempt.claims.flatMap((claim) => (claim.ackAsked === undefined ? [] : [claim.ackAsked])),
    ...attempt.runs.map((run) => run.start),
  ];
  return beginnings.some((from) => faultsDuring(faults, from, from.atMs, overMs).length > 0);
}

/** An attempt is over when its body ended for good, or when the next attempt is stored at the broker. */
function momentOver(task: TaskHistory, attempt: AttemptHistory): number {
  for (const run of attempt.runs) {
    const end = endOf(run);
    if (end === "ok" || end === "raise") return run.end?.atMs ?? Number.POSITIVE_INFINITY;
  }
  const next = task.attempts.find((other) => other.attempt === attempt.attempt + 1);
  return next?.confirms[0]?.atMs ?? Number.POSITIVE_INFINITY;
}
