/**
 * The ledger: one line per event, appended by whoever saw it. Invariants: (1) a line is one `write(2)` on an `O_APPEND`
 * descriptor and shorter than 4 KiB, so it is there whole or not at all, whatever kills its writer right after. (2) Each
 * process writes its own file. (3) Nothing here is part of the system under test, or shared with the auditor.
 *
 * Line: `kind ts_mono run id attempt pid boot extra`, fields separated by one space, `extra` being JSON or `-`.
 * @module
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * P publish intended, K publish confirmed, N publish refused, C claimed by a worker, S body started, E body ended,
 * A ack (asked, confirmed, refused), X fault (begin, end). Chords: W workflow offered (intended, confirmed, refused),
 * B body or errback stored at the broker (seen there), D damage done by the driver (a copy of a message, a lost size).
 */
export type LedgerKind = "P" | "K" | "N" | "C" | "S" | "E" | "A" | "X" | "W" | "B" | "D";

/** What is known of an event beside its place and time. */
export interface LedgerEvent {
  /** Task id; `-` when the line is about none. */
  readonly id?: string;
  /** Retries before this attempt; 0 at first. */
  readonly attempt?: number;
  /** When it happened, of `monotonicUs`; now when absent. */
  readonly atUs?: bigint;
  /** Anything else; JSON. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface LedgerOptions {
  /** Created when it is missing. */
  readonly dir: string;
  /** Name of the run, without blanks. */
  readonly run: string;
  /** Name of this life of the process group, `w1.3`: process ids are reused, this is not. */
  readonly boot: string;
}

export interface Ledger {
  /** Returns once the kernel has the line. @throws Error when it is too long or was not written whole. */
  write(kind: LedgerKind, event?: LedgerEvent): void;
  close(): void;
}

const LONGEST_LINE = 4096;

/** Opens this process's file for appending. */
export function openLedger(options: LedgerOptions): Ledger {
  mkdirSync(options.dir, { recursive: true });
  const fd = openSync(join(options.dir, `${options.boot}-${process.pid}.ledger`), "a");
  return {
    write: (kind, event = {}) => {
      const line = Buffer.from(
        formatLine(kind, event, { ...options, pid: process.pid, nowUs: event.atUs ?? monotonicUs() }),
      );
      if (line.length >= LONGEST_LINE) throw new Error(`A ledger line of ${line.length} bytes could be torn.`);
      const written = writeSync(fd, line);
      if (written !== line.length) throw new Error(`The ledger took ${written} of ${line.length} bytes: disk full?`);
    },
    close: () => closeSync(fd),
  };
}

/** Microseconds of `CLOCK_MONOTONIC`: the same clock for all processes of a machine, untouched by steps of the date. */
export function monotonicUs(): bigint {
  return process.hrtime.bigint() / 1000n;
}

interface Place {
  readonly run: string;
  readonly boot: string;
  readonly pid: number;
  readonly nowUs: bigint;
}

/** @throws Error when a field would break the line. */
export function formatLine(kind: LedgerKind, event: LedgerEvent, place: Place): string {
  const { id = "-", attempt = 0, extra } = event;
  for (const field of [place.run, id, place.boot]) {
    if (field === "" || /\s/.test(field))
      throw new Error(`${JSON.stringify(field)} cannot be a field of a ledger line.`);
  }
  const rest = extra === undefined ? "-" : JSON.stringify(extra);
  return `${kind} ${place.nowUs} ${place.run} ${id} ${attempt} ${place.pid} ${place.boot} ${rest}\n`;
}
