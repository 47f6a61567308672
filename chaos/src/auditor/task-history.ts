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
  /** The worker put it back into the queue itself. */
  readonly returned?: LedgerEntry;
}

/** One attempt of a task: 0 as published by the client, n after n retries. */
export interface AttemptHistory {
  readonly attempt: number;
  readonly intents: readonly LedgerEntry[];
  readonly confirms: readonly LedgerEntry[];
  readonly refusals: readonly LedgerEntry[];
  readonly claims: readonly Claim[];
  readonly runs: readonly Run[];
  /** Copies of the message that the driver put beside it. */
  readonly copies: readonly LedgerEntry[];
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

/** Kinds of lines that are about one task; a `D` without id is about something else. */
const OF_TASKS: ReadonlySet<string> = new Set(["P", "K", "N", "C", "S", "E", "A", "D"]);

/** Groups lines by task; `entries` must be in order of time. */
export function readHistories(entries: readonly LedgerEntry[]): readonly TaskHistory[] {
  const tasks = new Map<string, Map<number, LedgerEntry[]>>();
  for (const entry of entries) {
    if (!OF_TASKS.has(entry.kind) || entry.id === "-") continue;
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
  return {
    attempt,
    intents: of("P"),
    confirms: of("K"),
    refusals: of("N"),
    claims: claims.map((claim) => readClaim(claim, acks)),
    runs: readRuns(of("S"), of("E"), acks),
    copies: of("D"),
  };
}

/** Claims are told apart by the delivery tag that both lines carry. */
function readClaim(claim: LedgerEntry, acks: readonly LedgerEntry[]): Claim {
  const own = acks.filter((ack) => ack.boot === claim.boot && ack.extra.tag === claim.extra.tag);
  const ackAsked = own.find((ack) => ack.extra.phase === "asked");
  const ackConfirmed = own.find((ack) => ack.extra.phase === "confirmed");
  const returned = own.find((ack) => ack.extra.phase === "returned");
  return {
    claim,
    ...(ackAsked === undefined ? {} : { ackAsked }),
    ...(ackConfirmed === undefined ? {} : { ackConfirmed }),
    ...(returned === undefined ? {} : { returned }),
  };
}

/**
 * The body's end is in the same process before its next start. Its ack is in the same life of the worker, after the end;
 * copies of a message may run there side by side, so each ack belongs to one run only: acks come in the order of ends.
 * A run without an end has an ack only when one came before the next start there.
 */
function readRuns(
  starts: readonly LedgerEntry[],
  ends: readonly LedgerEntry[],
  acks: readonly LedgerEntry[],
): readonly Run[] {
  const free = acks.filter((line) => line.extra.phase === "confirmed");
  const take = (boot: string, fromMs: number, toMs: number): LedgerEntry | undefined => {
    const at = free.findIndex((line) => line.boot === boot && line.atMs >= fromMs && line.atMs < toMs);
    return at === -1 ? undefined : free.splice(at, 1)[0];
  };
  const found = starts.map((start, index) => ({
    start,
    end: ends.find((line) => line.pid === start.pid && line.boot === start.boot && line.atMs >= start.atMs),
    nextHereMs: starts.slice(index + 1).find((next) => next.boot === start.boot)?.atMs ?? Number.POSITIVE_INFINITY,
  }));
  const ended = found.filter(({ end }) => end !== undefined).sort((a, b) => (a.end?.atMs ?? 0) - (b.end?.atMs ?? 0));
  const ackOf = new Map<LedgerEntry, LedgerEntry>();
  for (const { start, end, nextHereMs } of [...ended, ...found.filter(({ end }) => end === undefined)]) {
    const ack = take(start.boot, end?.atMs ?? start.atMs, end === undefined ? nextHereMs : Number.POSITIVE_INFINITY);
    if (ack !== undefined) ackOf.set(start, ack);
  }
  return found.map(({ start, end }) => {
    const ack = ackOf.get(start);
    return { start, ...(end === undefined ? {} : { end }), ...(ack === undefined ? {} : { ack }) };
  });
}
