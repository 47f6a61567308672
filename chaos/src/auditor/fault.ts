/**
 * What the driver broke, when, and which processes felt it. Only these intervals can excuse a second start or a loss.
 * @module
 */
import type { LedgerEntry } from "./ledger-entry.js";

export interface Fault {
  readonly number: number;
  /** `kill-group`, `kill-child`, `cut`. */
  readonly what: string;
  readonly beginMs: number;
  readonly endMs: number;
  /** Lives of process groups that it covers. */
  readonly boots: ReadonlySet<string>;
  /** Single processes that it covers. */
  readonly pids: ReadonlySet<number>;
  /** Covers every process: a broker or network fault. */
  readonly everybody: boolean;
}

export interface ReadFaults {
  readonly faults: readonly Fault[];
  /** Faults that began and never ended, or ended and never began: they could excuse anything, so they excuse nothing. */
  readonly open: readonly number[];
}

/** Pairs the begin and end lines by their number. */
export function readFaults(entries: readonly LedgerEntry[]): ReadFaults {
  const begins = new Map<number, LedgerEntry>();
  const faults: Fault[] = [];
  const open: number[] = [];
  for (const entry of entries) {
    if (entry.kind !== "X") continue;
    const number = Number(entry.extra.fault);
    if (entry.extra.phase === "begin") {
      begins.set(number, entry);
      continue;
    }
    const begin = begins.get(number);
    begins.delete(number);
    if (begin === undefined) open.push(number);
    else faults.push(pair(number, begin, entry));
  }
  return { faults: faults.sort((a, b) => a.beginMs - b.beginMs), open: [...open, ...begins.keys()] };
}

/** The faults that covered a process at some moment of an interval. */
export function faultsDuring(
  faults: readonly Fault[],
  process: { readonly pid: number; readonly boot: string },
  fromMs: number,
  toMs: number,
): readonly Fault[] {
  return faults.filter((fault) => covers(fault, process) && fault.beginMs <= toMs && fault.endMs >= fromMs);
}

function covers(fault: Fault, process: { readonly pid: number; readonly boot: string }): boolean {
  return fault.everybody || fault.boots.has(process.boot) || fault.pids.has(process.pid);
}

function pair(number: number, begin: LedgerEntry, end: LedgerEntry): Fault {
  const { what, boots, pids, everybody } = begin.extra;
  return {
    number,
    what: String(what),
    beginMs: begin.atMs,
    endMs: end.atMs,
    boots: new Set(Array.isArray(boots) ? boots.map(String) : []),
    pids: new Set(Array.isArray(pids) ? pids.map(Number) : []),
    everybody: everybody === true,
  };
}
