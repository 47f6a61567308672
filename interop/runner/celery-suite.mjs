// @ts-check
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inWorkspace } from "../../tooling/workspace/workspace-root.mjs";
import { readResults } from "../celery-suite/result-files.mjs";
import { controlWorker, runSuite } from "../celery-suite/run-suite.mjs";
import { suiteEnvironment } from "../celery-suite/suite-environment.mjs";
import { CONTROL_FILES, SUITE_VERSION } from "../celery-suite/suite-version.mjs";
import { controlFile, judge } from "./judge-suite.mjs";
import { part } from "./report.mjs";
import { hasRedisOfOurOwn } from "./suite-redis.mjs";
import { planLanes, titleOf } from "./suite-runs.mjs";
import { openSuiteServers } from "./suite-servers.mjs";
import { filePart, SUITE_STAGES } from "./suite-stages.mjs";

/** @typedef {import("./report.mjs").Part} Part */
/** @typedef {import("./suite-runs.mjs").SuiteRunPlan} SuiteRunPlan */
/** @typedef {import("./suite-stages.mjs").SuiteStageName} SuiteStageName */
/** @typedef {import("../celery-suite/suite-environment.mjs").SuiteEnvironment} SuiteEnvironment */

/**
 * @typedef {object} SuiteOptions
 * @property {boolean} quick - `test_tasks.py` only.
 * @property {boolean} mixed - The mixed fleet only.
 * @property {boolean} amqp - On RabbitMQ only.
 * @property {boolean} all - Also what the control does not pass.
 * @property {boolean} recapture - Run the control too and keep its results for later runs.
 * @property {Record<string, string>} env - Where the services are.
 * @property {(line: string) => void} announce
 */

/** @param {SuiteStageName} stage */
function controlHeader(stage) {
  const { title, isRabbit } = SUITE_STAGES[stage];
  return `# What Celery ${SUITE_VERSION}'s own worker passes of its integration suite when it runs outside the pytest process (one slot, ${title}).
# Written by: pnpm interop ${isRabbit ? "--amqp " : ""}--recapture
`;
}

/**
 * Runs Celery's integration suite against our worker, alone and beside Celery's, and prints what it passes beside what
 * Celery's own external worker passes.
 * @param {SuiteOptions} options
 * @returns {Promise<readonly Part[]>}
 */
export async function runCelerySuite(options) {
  const { recapture, env, announce } = options;
  const lanes = planLanes(options);
  try {
    const python = env.CELERIAC_PYTHON ?? process.env.CELERIAC_PYTHON ?? "python3";
    const environment = await suiteEnvironment(python, announce);
    for (const stage of new Set(lanes.flat().map((plan) => plan.stage))) {
      const isAsked = recapture && SUITE_STAGES[stage].isRabbit === options.amqp;
      if (isAsked || !existsSync(controlFile(stage))) await captureControl(stage, environment, env, announce);
    }
    const atOnce = (await hasRedisOfOurOwn(env)) ? lanes : [lanes.flat()];
    const results = await Promise.all(atOnce.map((lane) => runLane(lane, environment, options)));
    return results.flat();
  } catch (error) {
    return lanes.flat().map((plan) => notRun(plan, error));
  }
}

/**
 * @param {readonly SuiteRunPlan[]} lane
 * @param {SuiteEnvironment} environment
 * @param {SuiteOptions} options
 * @returns {Promise<Part[]>}
 */
async function runLane(lane, environment, options) {
  const parts = [];
  for (const plan of lane) {
    options.announce(`Running ${plan.files.join(", ")} (${plan.name}) on ${SUITE_STAGES[plan.stage].title}`);
    const startedAt = performance.now();
    const finished = await runPlan(plan, environment, options).catch((error) => notRun(plan, error));
    parts.push({ ...finished, tookMs: performance.now() - startedAt });
  }
  return parts;
}

/**
 * @param {SuiteRunPlan} plan
 * @param {SuiteEnvironment} environment
 * @param {SuiteOptions} options
 * @returns {Promise<Part>}
 */
async function runPlan(plan, environment, { env, all }) {
  const servers = await openSuiteServers(plan.stage, environment, env);
  try {
    const workers = plan.workers(environment);
    const { files } = plan;
    const { settings } = SUITE_STAGES[plan.stage];
    const without = all ? [] : pointless(plan.stage);
    const folder = logs(`${filePart(plan.stage)}${plan.name}`);
    return judge(plan, await runSuite({ environment, servers, settings, workers, files, without, folder }));
  } finally {
    await servers.stop();
  }
}

/**
 * Tests that no external worker passes: many of them wait a minute for it.
 * @param {SuiteStageName} stage
 */
function pointless(stage) {
  const outcomes = ["failed", "xfailed", "skipped"];
  return [...readResults(controlFile(stage))].filter(([, outcome]) => outcomes.includes(outcome)).map(([test]) => test);
}

/**
 * @param {SuiteStageName} stage
 * @param {SuiteEnvironment} environment
 * @param {Record<string, string>} env
 * @param {(line: string) => void} announce
 */
async function captureControl(stage, environment, env, announce) {
  const { title, settings } = SUITE_STAGES[stage];
  announce(`Running the control, Celery's own worker on ${title}: this takes about 10 minutes, once per version`);
  const folder = logs(`control-${stage}`);
  const workers = [controlWorker(environment)];
  const servers = await openSuiteServers(stage, environment, env);
  try {
    const run = await runSuite({ environment, servers, settings, workers, files: CONTROL_FILES, folder });
    if (run.problem !== undefined) throw new Error(`the control: ${run.problem}`);
  } finally {
    await servers.stop();
  }
  writeFileSync(controlFile(stage), controlHeader(stage) + readFileSync(join(folder, "results.txt"), "utf8"));
}

/**
 * @param {SuiteRunPlan} plan
 * @param {unknown} error
 * @returns {Part}
 */
function notRun(plan, error) {
  const reason = error instanceof Error ? error.message : String(error);
  const counts = process.env.CI === "true" ? { failed: 1 } : { skipped: 1 };
  return part(titleOf(plan), { ...counts, notes: [`not run: ${reason}`] });
}

/** @param {string} name */
function logs(name) {
  return inWorkspace(".services", "celery-suite", SUITE_VERSION, `run-${name.replaceAll(/\W+/g, "-")}`);
}
