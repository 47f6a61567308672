/**
 * While a server is short of memory it takes no message, and afterwards it does: a run in which publishing went on all the
 * time, or never again, has not shown that publishers are blocked and released.
 * @module
 */
import type { Fault } from "./fault.js";
import type { LedgerEntry } from "./ledger-entry.js";

/** The alarm is raised and lifted somewhere in the first and last moments of its interval. */
const EDGE_MS = 5000;

/** What speaks against each alarm; empty when it did what it should. */
export function findAlarmFaults(entries: readonly LedgerEntry[], faults: readonly Fault[]): readonly string[] {
  const confirms = entries.filter(({ kind, boot }) => kind === "K" && boot === "publisher").map(({ atMs }) => atMs);
  const within = (fromMs: number, toMs: number): number =>
    confirms.filter((atMs) => atMs > fromMs && atMs < toMs).length;
  return faults
    .filter(({ what }) => what === "memory-alarm")
    .flatMap(({ number, beginMs, endMs }) => {
      const during = within(beginMs + EDGE_MS, endMs - EDGE_MS);
      const after = within(endMs, Number.POSITIVE_INFINITY);
      return [
        ...(during === 0 ? [] : [`fault ${number}: ${during} messages were confirmed during the alarm`]),
        ...(after > 0 ? [] : [`fault ${number}: no message was confirmed after the alarm`]),
      ];
    });
}
