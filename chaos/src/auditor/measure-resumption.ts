/**
 * How long nothing began after all connections were cut: the longest pause between two starts of bodies that reaches beyond
 * the cut. The cut strikes at some moment of its interval, so this is no less than the time to the first task after it.
 * @module
 */
import type { Fault } from "./fault.js";
import type { LedgerEntry } from "./ledger-entry.js";

export interface Resumption {
  /** Cuts after which there was still something to do. */
  readonly count: number;
  /** Milliseconds. */
  readonly maxMs: number;
  /** Cuts with a longer pause than the limit, as `fault 7 6.1 s`. */
  readonly overdue: readonly string[];
}

/** @param limitMs - Longest pause allowed. */
export function measureResumption(
  entries: readonly LedgerEntry[],
  faults: readonly Fault[],
  limitMs: number,
): Resumption {
  const starts = entries.filter(({ kind }) => kind === "S").map(({ atMs }) => atMs);
  const pauses = faults
    .filter((fault) => fault.everybody)
    .flatMap((fault) => {
      const next = starts.find((atMs) => atMs >= fault.endMs);
      if (next === undefined) return []; // nothing was left to do
      const moments = [fault.beginMs, ...starts.filter((atMs) => atMs > fault.beginMs && atMs < fault.endMs), next];
      const ms = Math.max(...moments.slice(1).map((atMs, index) => atMs - (moments[index] ?? atMs)));
      return [{ ms, name: `fault ${fault.number} ${(ms / 1000).toFixed(1)} s` }];
    });
  return {
    count: pauses.length,
    maxMs: Math.max(0, ...pauses.map(({ ms }) => ms)),
    overdue: pauses.filter(({ ms }) => ms > limitMs).map(({ name }) => name),
  };
}
