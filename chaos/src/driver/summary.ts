import { isPlanted, taskId } from "../system/load.js";
import type { RunOptions } from "./run-options.js";
import type { ScenarioRun } from "./run-scenario.js";

/** Whether a run ended as it should, and why not. */
export interface Conclusion {
  readonly ok: boolean;
  readonly reasons: readonly string[];
}

/** Without a planted fault all must hold; with one the auditor must name every task that was dropped. */
export function conclude(run: ScenarioRun, options: RunOptions): Conclusion {
  const reasons = options.plantEvery > 0 ? plantReasons(run, options) : plainReasons(run);
  return { ok: reasons.length === 0, reasons };
}

/** The line that a reader looks for first. */
export function headline(run: ScenarioRun): string {
  const { figures, mode } = run.judgement.audit;
  const faults = Object.entries(figures.faults).map(([what, count]) => `${count} ${what}`);
  const excused = figures.lostInRun + figures.lostBetweenAckAndStart;
  const { p50Ms, p99Ms, maxMs } = figures.recovery;
  return [
    `${run.scenario.name}: accepted ${figures.accepted}`,
    mode === "late"
      ? `lost ${figures.lost}`
      : `lost unexplained ${figures.lost - excused}, by early ack ${excused} (bound ${figures.lossBound})`,
    `unexplained duplicates ${figures.duplicatesUnexplained}`,
    faults.join(", ") || "no faults",
    `duplicates explained ${figures.duplicates - figures.duplicatesUnexplained}`,
    `recovery p50/p99/max ${[p50Ms, p99Ms, maxMs].map((ms) => (ms / 1000).toFixed(2)).join("/")} s`,
    `${figures.seconds.toFixed(1)} s`,
  ].join(" · ");
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
  const planted = plantedIds(run, options);
  if (planted.length === 0) return ["nothing was planted: too few tasks"];
  const named = new Set(run.judgement.audit.verdicts.find((verdict) => verdict.name === "lost")?.cases);
  const missed = planted.filter((id) => !named.has(id));
  return missed.map((id) => `the auditor did not notice the loss of ${id}`);
}

/** The tasks that the planted fault dropped. */
export function plantedIds(run: ScenarioRun, options: RunOptions): readonly string[] {
  const name = `${run.scenario.name}${options.seed}`;
  const ids = Array.from({ length: options.tasks }, (_, number) => taskId(name, number));
  return ids.filter((id) => isPlanted(id, options.plantEvery));
}
