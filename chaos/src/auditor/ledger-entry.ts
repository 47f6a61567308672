/**
 * Reads ledgers. Written apart from the writer on purpose: the auditor shares no code with what it judges.
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type EntryKind = "P" | "K" | "N" | "C" | "S" | "E" | "A" | "X" | "W" | "B" | "D";

/** One line. */
export interface LedgerEntry {
  readonly kind: EntryKind;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  readonly run: string;
  readonly id: string;
  readonly attempt: number;
  readonly pid: number;
  readonly boot: string;
  readonly extra: Readonly<Record<string, unknown>>;
}

export interface ParsedLedger {
  readonly entries: readonly LedgerEntry[];
  /** Lines that are no ledger lines, with their file. A sound run has none. */
  readonly malformed: readonly string[];
}

const LINE = /^([PKNCSEAXWBD]) (\d+) (\S+) (\S+) (\d+) (\d+) (\S+) (-|\{.*\})$/;

/** All `*.ledger` files of a folder, in order of time. @throws Error when the folder cannot be read. */
export function readLedgers(dir: string): ParsedLedger {
  const entries: LedgerEntry[] = [];
  const malformed: string[] = [];
  for (const file of readdirSync(dir).filter((name) => name.endsWith(".ledger"))) {
    const parsed = parseLedger(readFileSync(join(dir, file), "utf8"));
    entries.push(...parsed.entries);
    malformed.push(...parsed.malformed.map((line) => `${file}: ${line}`));
  }
  return { entries: entries.sort((a, b) => a.atMs - b.atMs), malformed };
}

/** The lines of one file. A last line without its end is malformed: a whole write ends with a line feed. */
export function parseLedger(text: string): ParsedLedger {
  const entries: LedgerEntry[] = [];
  const malformed: string[] = [];
  const lines = text.split("\n");
  const torn = lines.pop();
  for (const line of lines) {
    const entry = parseLine(line);
    if (entry === undefined) malformed.push(line.slice(0, 200));
    else entries.push(entry);
  }
  if (torn !== undefined && torn !== "") malformed.push(torn.slice(0, 200));
  return { entries, malformed };
}

function parseLine(line: string): LedgerEntry | undefined {
  const [, kind, time = "", run = "", id = "", attempt = "", pid = "", boot = "", rest = "-"] = LINE.exec(line) ?? [];
  if (kind === undefined) return undefined;
  const extra = rest === "-" ? {} : parseExtra(rest);
  if (extra === undefined) return undefined;
  return {
    kind: kind as EntryKind, // the pattern allows no other letter
    atMs: Number(time) / 1000,
    run,
    id,
    attempt: Number(attempt),
    pid: Number(pid),
    boot,
    extra,
  };
}

function parseExtra(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>; // an object, as it starts with a brace
  } catch {
    return undefined;
  }
}
