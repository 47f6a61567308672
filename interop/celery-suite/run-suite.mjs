// @ts-check
import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../../tooling/workspace/run-command.mjs";
import { readResults } from "./result-files.mjs";

const here = dirname(fileURLToPath(import.meta.url));

/** @typedef {import("./result-files.mjs").SuiteResults} SuiteResults */
/** @typedef {import("./suite-environment.mjs").SuiteEnvironment} SuiteEnvironment */

/**
 * @typedef {object} SuiteRun
 * @property {SuiteResults} results
 * @property {string} report - Path of pytest's report.
 * @property {string} workerLog
 * @property {string | undefined} problem - Why there are no results.
 */

/**
 * Runs files of the suite against workers that share a queue. The suite's own repetitions of flaky tests are off.
 * @param {object} options
 * @param {SuiteEnvironment} options.environment
 * @param {import("../runner/suite-servers.mjs").SuiteServers} options.servers - Nobody else uses them.
 * @param {Readonly<Record<string, unknown>>} options.settings - Celery's, for the suite and for the workers.
 * @param {readonly (readonly string[])[]} options.workers - Commands; "{nodename}" is replaced by the node's name.
 * @param {readonly string[]} options.files
 * @param {readonly string[]} [options.without] - Ids of tests to leave out.
 * @param {string} options.folder - Receives the report, the worker's log and the results.
 * @returns {Promise<SuiteRun>}
 */
export async function runSuite(options) {
  const { environment, servers, settings, workers, files, without = [], folder } = options;
  mkdirSync(folder, { recursive: true });
  const [report, workerLog, results] = ["report.txt", "worker.log", "results.txt"].map((name) => join(folder, name));
  for (const file of [report, workerLog, results]) rmSync(file ?? "", { force: true });
  const redis = new URL(servers.redisUrl);
  const plugins = ["-p", "celeriac_suite_plugin", "-p", "celery.contrib.pytest"];
  const off = [
    "-p",
    "no:cacheprovider",
    "-p",
    "no:rerunfailures",
    "-p",
    "no:timeout",
    "-o",
    "addopts=",
    "-W",
    "ignore",
  ];
  const args = [...plugins, ...off, "-o", "python_classes=test_*", "-v", "--tb=native", "--durations=10"];
  // Native tracebacks: pytest's own cannot show one that a time limit cut into, and ends the whole run over it.
  const command = `"$0" -m pytest "$@" >"${report}" 2>&1`;
  const { code } = await runCommand("sh", ["-c", command, environment.python, ...args, ...files], {
    cwd: environment.source,
    env: {
      TEST_BROKER: servers.brokerUrl,
      TEST_BACKEND: servers.backendUrl,
      REDIS_HOST: redis.hostname,
      REDIS_PORT: redis.port,
      PYTHONPATH: `${here}:${environment.source}`,
      PYTHONDONTWRITEBYTECODE: "1",
      CELERIAC_SUITE_SETTINGS: JSON.stringify(settings),
      CELERIAC_SUITE_WORKERS: JSON.stringify(workers),
      CELERIAC_SUITE_DESELECT: JSON.stringify(without),
      CELERIAC_SUITE_WORKER_LOG: workerLog ?? "",
      CELERIAC_SUITE_RESULTS: results ?? "",
    },
  });
  const read = readResults(results ?? "");
  // 0 and 1 are "all passed" and "some failed"; everything else means that the suite itself did not run.
  const problem = code > 1 || read.size === 0 ? `pytest ended with code ${code}; see ${report}` : undefined;
  return { results: read, report: report ?? "", workerLog: workerLog ?? "", problem };
}

/**
 * The control: Celery's own worker, in the same conditions.
 * @param {SuiteEnvironment} environment
 * @returns {string[]}
 */
export function controlWorker(environment) {
  const celery = [environment.python, "-m", "celery", "-A", "control_app", "worker"];
  return [...celery, "-n", "{nodename}", "-P", "prefork", "-c", "1", "-l", "WARNING"];
}

/** @returns {string[]} Ours, from the build. */
export function ourWorker() {
  return [process.execPath, join(here, "..", "dist", "celery-suite-worker.js"), "{nodename}"];
}
