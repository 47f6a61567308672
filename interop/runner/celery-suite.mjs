// @ts-check
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inWorkspace } from "../../tooling/workspace/workspace-root.mjs";
import { compare } from "../celery-suite/compare.mjs";
import { readLines, readReasons, readResults } from "../celery-suite/result-files.mjs";
import { controlWorker, ourWorker, runSuite } from "../celery-suite/run-suite.mjs";
import { suiteEnvironment } from "../celery-suite/suite-environment.mjs";
import { CONTROL_FILES, FULL_FILES, QUICK_FILES, SUITE_VERSION } from "../celery-suite/suite-version.mjs";
import { part } from "./report.mjs";
import { openSuiteRedis } from "./suite-redis.mjs";

/** @typedef {import("./report.mjs").Part} Part */
/** @typedef {import("../celery-suite/suite-environment.mjs").SuiteEnvironment} SuiteEnvironment */

const NAME = `Celery ${SUITE_VERSION}'s own suite`;
const folder = inWorkspace("interop", "celery-suite");
const CONTROL_HEADER = `# What Celery ${SUITE_VERSION}'s own worker passes of its integration suite when it runs outside the pytest process (one slot, Redis).
# Written by: pnpm interop --recapture
`;
const controlFile = join(folder, `control-${SUITE_VERSION}.txt`);

/**
 * Runs Celery's integration suite against our worker, and prints what it passes beside what Celery's own external worker
 * passes. The comparison informs; only a test listed in expected-passes.txt that does not pass is a failure.
 * @param {object} options
 * @param {boolean} options.quick - `test_tasks.py` only.
 * @param {boolean} options.recapture - Run the control too and keep its results for later runs.
 * @param {Record<string, string>} options.env - Where the services are.
 * @param {(line: string) => void} options.announce
 * @returns {Promise<Part>}
 */
export async function runCelerySuite({ quick, recapture, env, announce }) {
  const startedAt = performance.now();
  const took = () => ({ tookMs: performance.now() - startedAt });
  const files = quick ? QUICK_FILES : FULL_FILES;
  try {
    const environment = await suiteEnvironment(
      env.CELERIAC_PYTHON ?? process.env.CELERIAC_PYTHON ?? "python3",
      announce,
    );
    const redis = await openSuiteRedis(env);
    try {
      if (recapture || !existsSync(controlFile)) await captureControl(environment, redis.url, announce);
      announce(`Running ${files.join(", ")} against our worker`);
      const run = await runSuite({
        environment,
        redisUrl: redis.url,
        worker: ourWorker(),
        files,
        folder: logs("ours"),
      });
      if (run.problem !== undefined) return part(NAME, { failed: 1, notes: [run.problem], ...took() });
      return { ...judge(run.results, files), ...took() };
    } finally {
      await redis.stop();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const counts = process.env.CI === "true" ? { failed: 1 } : { skipped: 1 };
    return part(NAME, { ...counts, notes: [`not run: ${reason}`], ...took() });
  }
}

/**
 * @param {import("../celery-suite/result-files.mjs").SuiteResults} ours
 * @param {readonly string[]} files
 * @returns {Part}
 */
function judge(ours, files) {
  const expected = readLines(join(folder, "expected-passes.txt"));
  const result = compare(ours, readResults(controlFile), expected, files);
  const needs = readReasons(join(folder, "needs.txt"));
  const summary = `ours passes ${result.bothPass} of ${result.controlPasses} that the control passes (${files.join(", ")})`;
  console.log(`\n${NAME}: ${summary}`);
  for (const test of result.missing) console.log(`  missing  ${test}  [${needs(test) ?? "no reason is written down"}]`);
  for (const test of result.beyond) console.log(`  beyond   ${test}  [the control does not pass it]`);
  for (const test of result.unlisted) console.log(`  unlisted ${test}  [add it to expected-passes.txt]`);
  for (const test of result.regressions) console.log(`  FAILED   ${test}  [expected to pass; see ${logs("ours")}]`);
  const passed = expected.filter((test) => ours.get(test) === "passed").length;
  const notes = [summary, ...result.regressions.map((test) => `expected to pass, but did not: ${test}`)];
  // What is missing by plan counts as skipped: it is neither proven nor broken.
  return part(NAME, { passed, failed: result.regressions.length, skipped: result.missing.length, notes });
}

/**
 * @param {SuiteEnvironment} environment
 * @param {string} redisUrl
 * @param {(line: string) => void} announce
 */
async function captureControl(environment, redisUrl, announce) {
  announce("Running the control, Celery's own worker: this takes about 20 minutes, once per version");
  const worker = controlWorker(environment);
  const run = await runSuite({ environment, redisUrl, worker, files: CONTROL_FILES, folder: logs("control") });
  if (run.problem !== undefined) throw new Error(`the control: ${run.problem}`);
  writeFileSync(controlFile, CONTROL_HEADER + readFileSync(join(logs("control"), "results.txt"), "utf8"));
}

/** @param {string} name */
function logs(name) {
  return inWorkspace(".services", "celery-suite", SUITE_VERSION, `run-${name}`);
}
