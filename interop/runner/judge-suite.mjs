// @ts-check
import { join } from "node:path";
import { inWorkspace } from "../../tooling/workspace/workspace-root.mjs";
import { compare } from "../celery-suite/compare.mjs";
import { readLines, readReasons, readResults } from "../celery-suite/result-files.mjs";
import { SUITE_VERSION } from "../celery-suite/suite-version.mjs";
import { part } from "./report.mjs";
import { titleOf } from "./suite-runs.mjs";
import { filePart } from "./suite-stages.mjs";

const folder = inWorkspace("interop", "celery-suite");

/**
 * What Celery's own worker passes.
 * @param {import("./suite-stages.mjs").SuiteStageName} stage
 */
export function controlFile(stage) {
  return join(folder, `control-${filePart(stage)}${SUITE_VERSION}.txt`);
}

/**
 * Compares a run with the control and prints the differences with their reasons. Only a test listed in
 * its stage's expected-passes file that did not pass is a failure; where Celery's own worker takes part, not those of unsteady.txt.
 * @param {import("./suite-runs.mjs").SuiteRunPlan} plan
 * @param {import("../celery-suite/run-suite.mjs").SuiteRun} run
 * @returns {import("./report.mjs").Part}
 */
export function judge(plan, run) {
  const title = titleOf(plan);
  if (run.problem !== undefined) return part(title, { failed: 1, notes: [run.problem] });
  const list = plan.stage === "redis" ? "expected-passes.txt" : `expected-passes-${plan.stage}.txt`;
  const expected = readLines(join(folder, list));
  const needs = readReasons(join(folder, "needs.txt"));
  const unsteady = plan.withControl === true ? readReasons(join(folder, "unsteady.txt")) : () => undefined;
  const isExcused = (/** @type {string} */ test) => unsteady(test) !== undefined;
  const result = compare(run.results, readResults(controlFile(plan.stage)), expected, plan.files, isExcused);
  const { regressions } = result;
  const summary = `passes ${result.bothPass} of ${result.controlPasses} that the control passes`;
  console.log(`\n${title}: ${summary}`);
  for (const test of result.missing)
    console.log(`  missing  ${test}  [${unsteady(test) ?? needs(test) ?? "no reason is written down"}]`);
  for (const test of result.beyond) console.log(`  beyond   ${test}  [the control does not pass it]`);
  for (const test of result.unlisted) console.log(`  unlisted ${test}  [add it to ${list}]`);
  for (const test of regressions) console.log(`  FAILED   ${test}  [expected to pass; see ${run.report}]`);
  const passed = result.bothPass - result.unlisted.length;
  const notes = [summary, ...regressions.map((test) => `expected to pass, but did not: ${test}`)];
  // What is missing by plan counts as skipped: it is neither proven nor broken.
  const skipped = result.missing.filter((test) => !regressions.includes(test)).length;
  return part(title, { passed, failed: regressions.length, skipped, notes });
}
