/**
 * Starts beyond the first, and what excuses them.
 *
 * With late acks a start is repeated when a fault covered an earlier run before its ack; a repeated run that asks for a
 * retry repeats the following attempts too. So start number k of attempt n needs k - 1 interruptions, before it, of runs
 * of attempts 0..n: each interruption gives at most one more message. With early ack no run excuses anything: only a
 * publish whose confirmation was cut off may have stored its message twice. Copies that the driver made on purpose excuse
 * one start each, of their attempt and of those after it. What a worker holds when its connection or channel ends, and has not
 * begun, it must not begin: a cut or a consumer timeout excuses only what was running. A server that raises an alarm while a message is on its way to it
 * reads it when the alarm is over; whoever heard nothing meanwhile has sent it again. RELIABILITY G2, G3, G10.
 * @module
 */
import type { Fault } from "./fault.js";
import { faultsDuring } from "./fault.js";
import type { AckMode } from "./find-losses.js";
import type { LedgerEntry } from "./ledger-entry.js";
import type { AttemptHistory, TaskHistory } from "./task-history.js";

export interface Duplicates {
  /** All starts beyond the first of their attempt. */
  readonly total: number;
  /** Excused by a fault in a run of the same attempt. */
  readonly direct: number;
  /** Excused by a fault in an earlier attempt, whose retry was sent twice. */
  readonly inherited: number;
  /** Excused by a fault during the publish: the message was stored, its confirmation lost, and it was sent again. */
  readonly republished: number;
  /** Excused by a copy that the driver made. */
  readonly copied: number;
  /** `id#attempt`. */
  readonly unexplained: readonly string[];
}

/** Counts repeated starts and sorts them by excuse. */
export function findDuplicates(tasks: readonly TaskHistory[], faults: readonly Fault[], mode: AckMode): Duplicates {
  const found = {
    total: 0,
    direct: 0,
    inherited: 0,
    republished: 0,
    copied: 0,
    unexplained: [] as string[],
  };
  for (const task of tasks) {
    for (const attempt of task.attempts) {
      if (attempt.runs.length > 1) sortStarts(task, attempt, faults, mode, found);
    }
  }
  return found;
}

interface Tally {
  total: number;
  direct: number;
  inherited: number;
  republished: number;
  copied: number;
  readonly unexplained: string[];
}

function sortStarts(
  task: TaskHistory,
  attempt: AttemptHistory,
  faults: readonly Fault[],
  mode: AckMode,
  tally: Tally,
): void {
  const upTo = task.attempts.filter((other) => other.attempt <= attempt.attempt);
  const own = mode === "late" ? interruptedRuns(attempt, faults) : [];
  const earlier =
    mode === "late" ? upTo.filter((other) => other !== attempt).flatMap((other) => interruptedRuns(other, faults)) : [];
  // With late acks a later attempt is published inside a run of the one before, which is counted already.
  const published = upTo.filter((other) => mode === "early" || other.attempt === 0);
  const publishes = [...published.flatMap((other) => interruptedPublishes(other, faults))];
  const alarms = faults.filter((fault) => fault.what === "memory-alarm");
  publishes.push(...upTo.flatMap((other) => uncertainPublishes(other, alarms)));
  const copies = upTo.flatMap((other) => other.copies.map((line) => line.atMs));
  attempt.runs.forEach(({ start }, index) => {
    if (index === 0) return;
    const before = (moments: readonly number[]): number => moments.filter((atMs) => atMs < start.atMs).length;
    const inRuns = before(own) + before(earlier);
    tally.total += 1;
    if (before(own) >= index) tally.direct += 1;
    else if (inRuns >= index) tally.inherited += 1;
    else if (inRuns + before(publishes) >= index) tally.republished += 1;
    else if (inRuns + before(publishes) + before(copies) >= index) tally.copied += 1;
    else tally.unexplained.push(`${task.id}#${attempt.attempt}`);
  });
}

/** Beginnings of the faults that covered a run between its start and its ack, one for each run and fault. */
function interruptedRuns(attempt: AttemptHistory, faults: readonly Fault[]): readonly number[] {
  return attempt.runs.flatMap(({ start, ack }) =>
    faultsDuring(faults, start, start.atMs, ack?.atMs ?? Number.POSITIVE_INFINITY).map((fault) => fault.beginMs),
  );
}

/** The same for publishes between intent and confirmation. */
function interruptedPublishes(attempt: AttemptHistory, faults: readonly Fault[]): readonly number[] {
  return attempt.intents.flatMap((intent) => {
    const toMs = answerTo(attempt, intent)?.atMs ?? Number.POSITIVE_INFINITY;
    return faultsDuring(faults, intent, intent.atMs, toMs).map((fault) => fault.beginMs);
  });
}

/** Refusals that promise that the message is not stored. */
const NOT_STORED: ReadonlySet<unknown> = new Set(["BROKER_REFUSED", "BROKER_UNAVAILABLE", "UNROUTABLE"]);

/**
 * Publishes during an alarm whose message may be stored although nobody heard of it. A client's line stands for all of its
 * tries, so one that was confirmed in the end counts; a worker's stands for one.
 */
function uncertainPublishes(attempt: AttemptHistory, alarms: readonly Fault[]): readonly number[] {
  return attempt.intents.flatMap((intent) => {
    const answer = answerTo(attempt, intent);
    const isOne = attempt.attempt > 0;
    if (answer !== undefined && (answer.kind === "K" ? isOne : isOne && NOT_STORED.has(answer.extra.code))) return [];
    const toMs = answer?.atMs ?? Number.POSITIVE_INFINITY;
    return alarms.filter((alarm) => alarm.beginMs <= toMs && alarm.endMs >= intent.atMs).map((alarm) => alarm.beginMs);
  });
}

function answerTo(attempt: AttemptHistory, intent: LedgerEntry): LedgerEntry | undefined {
  return [...attempt.confirms, ...attempt.refusals]
    .filter((line) => line.boot === intent.boot && line.atMs >= intent.atMs)
    .sort((a, b) => a.atMs - b.atMs)[0];
}
