/**
 * The ledger told by task: publishes, claims and runs of each attempt.
 * @module
 */
import type { LedgerEntry } from "./ledger-entry.js";

/** One start of a body and what followed it in the same life of its worker. */
export interface Run {
  readonly start: LedgerEntry;
  /** `undefined` when the body never ended. */
  readonly end?: LedgerEntry;
  /** The confirmed ack after the start; `undefined` with early ack, or when there was none. */
  readonly ack?: LedgerEntry;
}

/** One message in a worker's hands. */
export interface Claim {
  readonly claim: LedgerEntry;
  /** The worker asked for the ack. */
  readonly ackAsked?: LedgerEntry;
  readonly ackConfirmed?: LedgerEntry;
}

/** One attempt of a task: 0 as published by the client, n after n retries. */
export interface AttemptHistory {
  readonly attempt: number;
  readonly intents: readonly LedgerEntry[];
  readonly confirms: readonly LedgerEntry[];
  readonly refusals: readonly LedgerEntry[];
  readonly claims: readonly Claim[];
  readonly runs: readonly Run[];
}

export interface TaskHistory {
  readonly id: string;
  /** By number, rising. */
  readonly attempts: readonly AttemptHistory[];
}

/** How a body may end: `ok` and `raise` are for good, `retry` asks for another attempt. */
export type BodyEnd = "ok" | "raise" | "retry";

/** What the body wrote when it ended. */
export function endOf(run: Run): BodyEnd | undefined {
  const out = run.end?.extra.out;
  return out === "ok" || out === "raise" || out === "retry" ? out : undefined;
}

/** The end that closes the task, in whichever attempt it came first. */
export function finalEnd(task: TaskHistory): "ok" | "raise" | undefined {
  for (const attempt of task.attempts) {
    for (const run of attempt.runs) {
      const end = endOf(run);
      if (end === "ok" || end === "raise") return end;
    }
  }
  return undefined;
}

/** Whether the broker confirmed the task to its client. */
export function isAccepted(task: TaskHistory): boolean {
  return task.attempts.some((attempt) => attempt.attempt === 0 && attempt.confirms.length > 0);
}

/** Groups lines by task; `entries` must be in order of time. */
export function readHistories(entries: readonly LedgerEntry[]): readonly TaskHistory[] {
  const tasks = new Map<string, Map<number, LedgerEntry[]>>();
  for (const entry of entries) {
    if (entry.kind === "X") continue;
    const attempts = tasks.get(entry.id) ?? new Map<number, LedgerEntry[]>();
    tasks.set(entry.id, attempts);
    const lines = attempts.get(entry.attempt) ?? [];
    attempts.set(entry.attempt, lines);
    lines.push(entry);
  }
  return [...tasks].map(([id, attempts]) => ({
    id,
    attempts: [...attempts].sort(([a], [b]) => a - b).map(([attempt, lines]) => readAttempt(attempt, lines)),
  }));
}

function readAttempt(attempt: number, lines: readonly LedgerEntry[]): AttemptHistory {
  const of = (kind: LedgerEntry["kind"]): readonly LedgerEntry[] => lines.filter((line) => line.kind === kind);
  const acks = of("A");
  const claims = of("C");
  const starts = of("S");
  return {
    attempt,
    intents: of("P"),
    confirms: of("K"),
    refusals: of("N"),
    claims: claims.map((claim) => readClaim(claim, acks)),
    runs: starts.map((start, index) => readRun(start, starts.slice(index + 1), of("E"), acks)),
  };
}

/** Claims are told apart by the delivery tag that both lines carry. */
function readClaim(claim: LedgerEntry, acks: readonly LedgerEntry[]): Claim {
  const own = acks.filter((ack) => ack.boot === claim.boot && ack.extra.tag === claim.extra.tag);
  const ackAsked = own.find((ack) => ack.extra.phase === "asked");
  const ackConfirmed = own.find((ack) => ack.extra.phase === "confirmed");
  return {
    claim,
    ...(ackAsked === undefined ? {} : { ackAsked }),
    ...(ackConfirmed === undefined ? {} : { ackConfirmed }),
  };
}

/** The body's end is in the same process before its next start; the ack is in the same life of the worker. */
function readRun(
  start: LedgerEntry,
  later: readonly LedgerEntry[],
  ends: readonly LedgerEntry[],
  acks: readonly LedgerEntry[],
): Run {
  const nextHereMs = later.find((next) => next.boot === start.boot)?.atMs ?? Number.POSITIVE_INFINITY;
  const end = ends.find((line) => line.pid === start.pid && line.boot === start.boot && line.atMs >= start.atMs);
  const ack = acks.find(
    (line) =>
      line.boot === start.boot && line.extra.phase === "confirmed" && line.atMs >= start.atMs && line.atMs < nextHereMs,
  );
  return { start, ...(end === undefined ? {} : { end }), ...(ack === undefined ? {} : { ack }) };
}
