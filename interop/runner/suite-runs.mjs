// @ts-check
import { controlWorker, ourWorker } from "../celery-suite/run-suite.mjs";
import { CANVAS_FILE, INSPECT_FILE, SUITE_VERSION, TASKS_FILE } from "../celery-suite/suite-version.mjs";

/** @typedef {import("../celery-suite/suite-environment.mjs").SuiteEnvironment} SuiteEnvironment */

/**
 * Files of the suite, and who works for them.
 * @typedef {object} SuiteRunPlan
 * @property {string} name - For people, and for the folder of its logs.
 * @property {readonly string[]} files
 * @property {boolean} [withControl] - Celery's own worker takes part. Default: false.
 * @property {(environment: SuiteEnvironment) => readonly (readonly string[])[]} workers - Commands.
 */

/** @type {SuiteRunPlan} */
const tasks = { name: "tasks", files: [TASKS_FILE], workers: () => [ourWorker()] };

/** @type {SuiteRunPlan} */
const rest = { name: "tasks and inspect", files: [TASKS_FILE, INSPECT_FILE], workers: () => [ourWorker()] };

/** @type {SuiteRunPlan} */
const canvas = { name: "canvas", files: [CANVAS_FILE], workers: () => [ourWorker()] };

/** One worker of each kind on the same queue: which of them runs a task is chance. @type {SuiteRunPlan} */
const mixed = {
  name: "canvas, mixed fleet",
  files: [CANVAS_FILE],
  withControl: true,
  workers: (environment) => [ourWorker(), controlWorker(environment)],
};

/**
 * The runs, in lanes that may go on at the same time: most of a run is waiting. A Redis that is not ours alone takes one
 * lane at a time.
 * @param {{ readonly quick: boolean, readonly mixed: boolean }} flags
 * @returns {readonly (readonly SuiteRunPlan[])[]}
 */
export function planLanes(flags) {
  if (flags.mixed) return [[mixed]];
  if (flags.quick) return [[tasks]];
  return [[canvas], [mixed], [rest]];
}

/** @param {string} name */
export function titleOf(name) {
  return `Celery ${SUITE_VERSION}'s own suite: ${name}`;
}
