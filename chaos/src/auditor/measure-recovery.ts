/**
 * How long what a fault interrupted had to wait: from the beginning of the fault to the next claim of the same attempt by
 * a process that the fault did not cover. What a worker puts back itself, after the death of a child, can run again from
 * then on: how long the queue is does not count. RELIABILITY G5.
 * @module
 */
import type { Fault } from "./fault.js";
import { faultsDuring } from "./fault.js";
import type { AckMode } from "./find-losses.js";
import type { AttemptHistory, Run, TaskHistory } from "./task-history.js";

export interface Recovery {
  readonly count: number;
  /** Milliseconds; 0 when there is nothing to measure. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Attempts that waited longer than the limit, as `id#attempt seconds`. */
  readonly overdue: readonly string[];
}

/** Over all messages that were claimed or running, and not yet acknowledged, when a fault took their worker. */
export function measureRecovery(
  tasks: readonly TaskHistory[],
  faults: readonly Fault[],
  mode: AckMode,
  limitMs: number,
): Recovery {
  // After a consumer timeout the worker lives, and may get its own message again.
  const local = faults.filter((fault) => !fault.everybody && fault.what !== "consumer-timeout");
  const waits = tasks.flatMap((task) =>
    withoutCopies(task).flatMap((attempt) =>
      interruptions(attempt, local, mode)
        .flatMap((fault) => waitAfter(attempt, fault))
        .map((ms) => ({ ms, name: `${task.id}#${attempt.attempt} ${(ms / 1000).toFixed(1)} s` })),
    ),
  );
  const sorted = waits.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    count: waits.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    maxMs: sorted.at(-1) ?? 0,
    overdue: waits.filter(({ ms }) => ms > limitMs).map(({ name }) => name),
  };
}

/** A copy that comes later is not the message that a fault has interrupted, and cannot be told from it. */
function withoutCopies({ attempts }: TaskHistory): readonly AttemptHistory[] {
  const first = attempts.findIndex((attempt) => attempt.copies.length > 0);
  return first === -1 ? attempts : attempts.slice(0, first);
}

function interruptions(attempt: AttemptHistory, faults: readonly Fault[], mode: AckMode): readonly Fault[] {
  const found = new Set<Fault>();
  const look = (from: Parameters<typeof faultsDuring>[1] & { readonly atMs: number }, toMs: number): void => {
    for (const fault of faultsDuring(faults, from, from.atMs, toMs)) found.add(fault);
  };
  for (const { claim, ackAsked, ackConfirmed, returned } of attempt.claims) {
    // Once an early ack is on its way nobody will run the message again.
    const over = mode === "early" ? ackAsked : (ackConfirmed ?? returned);
    look(claim, over?.atMs ?? Number.POSITIVE_INFINITY);
  }
  if (mode === "late") for (const run of attempt.runs) look(run.start, releasedMs(attempt, run));
  return [...found];
}

/** When the message of a run was no longer its worker's. */
function releasedMs(attempt: AttemptHistory, { start, ack }: Run): number {
  const held = attempt.claims.findLast(({ claim }) => claim.boot === start.boot && claim.atMs <= start.atMs);
  return (ack ?? held?.returned)?.atMs ?? Number.POSITIVE_INFINITY;
}

function waitAfter(attempt: AttemptHistory, fault: Fault): readonly number[] {
  const lines = [
    ...attempt.claims.flatMap(({ claim, returned }) => (returned === undefined ? [claim] : [claim, returned])),
    ...attempt.runs.map(({ start }) => start),
  ];
  const returns = lines
    .filter(({ atMs, boot, pid }) => atMs >= fault.beginMs && !fault.boots.has(boot) && !fault.pids.has(pid))
    .map(({ atMs }) => atMs - fault.beginMs);
  return returns.length === 0 ? [] : [Math.min(...returns)];
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
