/**
 * The judgement: pure, from lines and counters to verdicts.
 * @module
 */
import type { BrokerState } from "./broker-state.js";
import { checkResults } from "./check-results.js";
import type { ChordStoreState } from "./chords/chord-store.js";
import type { ChordFigures } from "./chords/judge-chords.js";
import { judgeChords } from "./chords/judge-chords.js";
import { readFaults } from "./fault.js";
import { findAlarmFaults } from "./find-alarm-faults.js";
import { findChildDamage } from "./find-child-damage.js";
import { findDuplicates } from "./find-duplicates.js";
import type { AckMode } from "./find-losses.js";
import { findLosses } from "./find-losses.js";
import { findEarlyStarts, findGhosts, findLostStarts } from "./find-misstarts.js";
import type { LedgerEntry, ParsedLedger } from "./ledger-entry.js";
import type { Recovery } from "./measure-recovery.js";
import { measureRecovery } from "./measure-recovery.js";
import type { Resumption } from "./measure-resumption.js";
import { measureResumption } from "./measure-resumption.js";
import { isAccepted, readHistories } from "./task-history.js";
import type { Verdict } from "./verdict.js";
import { verdictOf } from "./verdict.js";

export interface AuditInput {
  readonly ledger: ParsedLedger;
  /** When the tasks are acknowledged. */
  readonly mode: AckMode;
  /** The broker after the run has come to rest. */
  readonly broker: BrokerState;
  /** Status by task id, from the result store. */
  readonly results: ReadonlyMap<string, string>;
  /** A run with fewer faults has proved nothing. */
  readonly minFaults: number;
  /** Longest wait, in milliseconds, of what a dead worker left behind; `Infinity` does not judge it. */
  readonly maxRecoveryMs: number;
  /** Results expire during the run: what is still stored says nothing. */
  readonly resultsExpire?: boolean;
  /** For a run with chords: what the result store holds of them. */
  readonly chords?: ChordStoreState;
}

export interface Figures {
  readonly published: number;
  readonly accepted: number;
  readonly refused: number;
  readonly lost: number;
  /** Early ack: excused losses, and the bound on them. */
  readonly lostInRun: number;
  readonly lostBetweenAckAndStart: number;
  readonly lossBound: number;
  readonly starts: number;
  readonly duplicates: number;
  readonly duplicatesDirect: number;
  readonly duplicatesInherited: number;
  readonly duplicatesRepublished: number;
  readonly duplicatesCopied: number;
  readonly duplicatesUnexplained: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly childTasksPerKill: number;
  readonly childKillsAtWork: number;
  readonly recovery: Recovery;
  /** After cuts of all connections; absent when there were none. */
  readonly resumption?: Resumption;
  readonly resultsMissing: number;
  readonly deadLetters: number;
  /** From the first publish to the last end of a body. */
  readonly seconds: number;
  readonly chords?: ChordFigures;
}

export interface Audit {
  readonly ok: boolean;
  readonly mode: AckMode;
  readonly figures: Figures;
  readonly verdicts: readonly Verdict[];
  readonly broker: Readonly<Record<string, number>>;
}

/** Longest pause after all connections were closed. */
const MAX_RESUMPTION_MS = 5000;

/** Judges a run. */
export function audit(input: AuditInput): Audit {
  const { ledger, mode, broker } = input;
  const tasks = readHistories(ledger.entries);
  const { faults, open } = readFaults(ledger.entries);
  const accepted = tasks.filter(isAccepted).length;
  const losses = findLosses(tasks, faults, broker.deadLetterIds, mode);
  const duplicates = findDuplicates(tasks, faults, mode);
  const expire = input.resultsExpire === true;
  const results = expire ? { missing: [], wrong: [] } : checkResults(tasks, input.results);
  const chords =
    input.chords === undefined
      ? undefined
      : judgeChords({ entries: ledger.entries, tasks, faults, store: input.chords, resultsExpire: expire });
  const recovery = measureRecovery(tasks, faults, mode, input.maxRecoveryMs);
  const child = findChildDamage(tasks, faults);
  const isCut = faults.some((fault) => fault.what === "close-connections");
  const resumption = isCut ? measureResumption(ledger.entries, faults, MAX_RESUMPTION_MS) : undefined;
  const alarms = faults.filter((fault) => fault.what === "memory-alarm").length;
  const runs = [...new Set(ledger.entries.map((entry) => entry.run))];
  const unsound = [
    ...ledger.malformed,
    ...open.map((number) => `fault ${number} has only one end`),
    ...(runs.length > 1 ? [`lines of ${runs.length} runs: ${runs.join(", ")}`] : []),
  ];
  const held = Object.entries(broker.counts).filter(([, count]) => count > 0);
  const verdicts: readonly Verdict[] = [
    verdictOf("ledger sound", unsound, "malformed lines, unpaired faults, several runs mixed"),
    verdictOf(
      "load and faults",
      tooLittle(accepted, faults.length, input.minFaults),
      `${accepted} accepted, ${faults.length} faults`,
    ),
    verdictOf(
      "lost",
      losses.unexplained,
      mode === "late" ? "accepted, never ended" : "accepted, never ended, no fault between its ack and its end",
    ),
    verdictOf("recovery", recovery.overdue, `waited longer than ${input.maxRecoveryMs / 1000} s after a fault`),
    verdictOf("ghost", findGhosts(tasks), "started, never published"),
    verdictOf(
      "unexplained duplicate",
      duplicates.unexplained,
      mode === "late" ? "started again, no fault in an earlier run" : "started more than once",
    ),
    verdictOf(
      "begun though lost",
      mode === "late" ? findLostStarts(tasks, faults) : [],
      "RabbitMQ had taken the message back before the start",
    ),
    verdictOf("early", findEarlyStarts(tasks), "started before its ETA"),
    verdictOf(
      "stuck",
      held.map(([key, count]) => `${key}: ${count}`),
      "left at the broker after rest",
    ),
    verdictOf(
      "results",
      mode === "late" ? [...results.missing, ...results.wrong] : results.wrong,
      mode === "late" ? "ended, result absent or other" : "stored result says something else",
    ),
    verdictOf("one task per child kill", child.excessive, `${child.hits} of ${child.kills} kills hit a child at work`),
    ...(resumption === undefined
      ? []
      : [verdictOf("resumption", resumption.overdue, `nothing began for ${MAX_RESUMPTION_MS / 1000} s after a cut`)]),
    ...(alarms === 0
      ? []
      : [
          verdictOf(
            "alarm",
            findAlarmFaults(ledger.entries, faults),
            `${alarms} alarms; publishers blocked, then released`,
          ),
        ]),
    ...(chords?.verdicts ?? []),
  ];
  return {
    ok: verdicts.every((verdict) => verdict.ok),
    mode,
    verdicts,
    broker: { ...broker.counts, "dead letters": broker.deadLetters },
    figures: {
      published: tasks.filter((task) =>
        task.attempts.some((attempt) => attempt.attempt === 0 && attempt.intents.length > 0),
      ).length,
      accepted,
      refused: tasks.filter((task) => task.attempts[0]?.refusals.some((line) => line.attempt === 0) === true).length,
      lost: losses.unexplained.length + losses.inRun.length + losses.betweenAckAndStart.length,
      lostInRun: losses.inRun.length,
      lostBetweenAckAndStart: losses.betweenAckAndStart.length,
      lossBound: losses.bound,
      starts: ledger.entries.filter((entry) => entry.kind === "S").length,
      duplicates: duplicates.total,
      duplicatesDirect: duplicates.direct,
      duplicatesInherited: duplicates.inherited,
      duplicatesRepublished: duplicates.republished,
      duplicatesCopied: duplicates.copied,
      duplicatesUnexplained: duplicates.unexplained.length,
      faults: countBy(faults.map((fault) => fault.what)),
      childTasksPerKill: child.worst,
      childKillsAtWork: child.hits,
      recovery,
      ...(resumption === undefined ? {} : { resumption }),
      resultsMissing: results.missing.length,
      deadLetters: broker.deadLetters,
      seconds: span(ledger.entries) / 1000,
      ...(chords === undefined ? {} : { chords: chords.figures }),
    },
  };
}

function tooLittle(accepted: number, faults: number, minFaults: number): readonly string[] {
  return [
    ...(accepted === 0 ? ["no task was accepted"] : []),
    ...(faults < minFaults ? [`${faults} faults, ${minFaults} wanted`] : []),
  ];
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function span(entries: readonly LedgerEntry[]): number {
  const first = entries.find((entry) => entry.kind === "P")?.atMs ?? 0;
  const last = entries.findLast((entry) => entry.kind === "E")?.atMs ?? first;
  return last - first;
}
