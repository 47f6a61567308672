import { chordName } from "../auditor/chords/chord-history.js";
import { chordsOf, PLANTS, plantedChords } from "../system/chord-load.js";
import { isPlanted, taskId } from "../system/load.js";
import type { RunOptions } from "./run-options.js";
import type { ScenarioRun } from "./run-scenario.js";

/** Whether a run ended as it should, and why not. */
export interface Conclusion {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** Something that was spoilt on purpose, and the verdict that must name it. */
interface Planted {
  readonly name: string;
  readonly verdict: string;
}

/** Without a planted fault all must hold; with one the auditor must name everything that was spoilt. */
export function conclude(run: ScenarioRun, options: RunOptions): Conclusion {
  const reasons = options.plantEvery > 0 ? plantReasons(run, options) : plainReasons(run);
  return { ok: reasons.length === 0, reasons };
}

/** The line that a reader looks for first. */
export function headline(run: ScenarioRun): string {
  const { figures } = run.judgement.audit;
  const faults = Object.entries(figures.faults).map(([what, count]) => `${count} ${what}`);
  const { p50Ms, p99Ms, maxMs } = figures.recovery;
  return [
    `${run.scenario.name}: ${outcome(run)}`,
    faults.join(", ") || "no faults",
    `duplicates explained ${figures.duplicates - figures.duplicatesUnexplained}`,
    ...(figures.resumption === undefined
      ? []
      : [`first task after a cut within ${(figures.resumption.maxMs / 1000).toFixed(2)} s`]),
    `recovery p50/p99/max ${[p50Ms, p99Ms, maxMs].map((ms) => (ms / 1000).toFixed(2)).join("/")} s`,
    `${figures.seconds.toFixed(1)} s`,
  ].join(" · ");
}

function outcome(run: ScenarioRun): string {
  const { figures, mode } = run.judgement.audit;
  const { chords } = figures;
  const excused = figures.lostInRun + figures.lostBetweenAckAndStart;
  const duplicates = `unexplained duplicates ${figures.duplicatesUnexplained}`;
  if (chords !== undefined) {
    return [
      `${chords.accepted} chords`,
      `never ${chords.never}`,
      `twice ${chords.twice}`,
      `wrong list ${chords.wrongList}`,
      `errbacks wrong ${chords.errbacksWrong} of ${chords.failing}`,
      `header tasks ${figures.accepted}, lost ${figures.lost}, ${duplicates}, copies ${chords.copies}`,
    ].join(" · ");
  }
  const lost =
    mode === "late"
      ? `lost ${figures.lost}`
      : `lost unexplained ${figures.lost - excused}, by early ack ${excused} (bound ${figures.lossBound})`;
  return `accepted ${figures.accepted} · ${lost} · ${duplicates}`;
}

function plainReasons(run: ScenarioRun): readonly string[] {
  const failed = run.judgement.audit.verdicts.filter((verdict) => !verdict.ok);
  return [
    ...failed.map((verdict) => `${verdict.name}: ${verdict.count}`),
    ...(run.outcome === "empty" ? [] : [`the run ${run.outcome === "stalled" ? "stalled" : "ran out of time"}`]),
    ...run.unexpected,
    ...(run.hung === 0 ? [] : [`${run.hung} workers did not end when asked`]),
  ];
}

function plantReasons(run: ScenarioRun, options: RunOptions): readonly string[] {
  const planted = plantedIn(run, options);
  if (planted.length === 0) return ["nothing was planted: too few tasks"];
  return planted
    .filter((plant) => !isNamed(run, plant))
    .map(({ name, verdict }) => `the auditor did not name ${name} as "${verdict}"`);
}

function isNamed(run: ScenarioRun, { name, verdict: wanted }: Planted): boolean {
  const verdict = run.judgement.audit.verdicts.find((other) => other.name === wanted);
  return verdict?.cases.some((text) => text === name || text.startsWith(`${name} `)) === true;
}

/** What was spoilt: messages that were dropped, or chords. */
export function plantedIn(run: ScenarioRun, options: RunOptions): readonly Planted[] {
  if (run.scenario.load === "chords") {
    const chords = chordsOf({ tasks: options.chords, headers: options.headers, seed: options.seed });
    return [...plantedChords(chords)].map(([number, plant]) => ({ name: chordName(number), verdict: PLANTS[plant] }));
  }
  const runName = `${run.scenario.name}${options.seed}`;
  const ids = Array.from({ length: options.tasks }, (_, number) => taskId(runName, number));
  return ids.filter((id) => isPlanted(id, options.plantEvery)).map((name) => ({ name, verdict: "lost" }));
}
