// @ts-check
import { controlWorker, ourWorker } from "../celery-suite/run-suite.mjs";
import { CANVAS_FILE, INSPECT_FILE, SUITE_VERSION, TASKS_FILE } from "../celery-suite/suite-version.mjs";
import { SUITE_STAGES } from "./suite-stages.mjs";

/** @typedef {import("../celery-suite/suite-environment.mjs").SuiteEnvironment} SuiteEnvironment */
/** @typedef {import("./suite-stages.mjs").SuiteStageName} SuiteStageName */

/**
 * Files of the suite, and who works for them.
 * @typedef {object} SuiteRunPlan
 * @property {SuiteStageName} stage
 * @property {string} name - For people, and for the folder of its logs.
 * @property {readonly string[]} files
 * @property {boolean} [withControl] - Celery's own worker takes part. Default: false.
 * @property {(environment: SuiteEnvironment) => readonly (readonly string[])[]} workers - Commands.
 */

/** @type {SuiteRunPlan} */
const tasks = { stage: "redis", name: "tasks", files: [TASKS_FILE], workers: () => [ourWorker()] };

/** @type {SuiteRunPlan} */
const rest = { ...tasks, name: "tasks and inspect", files: [TASKS_FILE, INSPECT_FILE] };

/** @type {SuiteRunPlan} */
const canvas = { ...tasks, name: "canvas", files: [CANVAS_FILE] };

/** One worker of each kind on the same queue: which of them runs a task is chance. @type {SuiteRunPlan} */
const mixed = {
  ...canvas,
  name: "canvas, mixed fleet",
  withControl: true,
  workers: (environment) => [ourWorker(), controlWorker(environment)],
};

/**
 * The runs, in lanes that may go on at the same time: most of a run is waiting. A Redis that is not ours alone takes one
 * lane at a time.
 * @param {{ readonly quick: boolean, readonly mixed: boolean, readonly amqp: boolean }} flags
 * @returns {readonly (readonly SuiteRunPlan[])[]}
 */
export function planLanes({ quick, mixed: isMixed, amqp: isAmqp }) {
  if (isMixed) return isAmqp ? [[on("amqp", mixed)], [on("quorum", mixed)]] : [[mixed], [on("postgres", mixed)]];
  if (quick) return isAmqp ? [[on("amqp", tasks)]] : [[tasks], [on("amqp", tasks)]];
  // All runs on RabbitMQ share one server.
  if (isAmqp) return [canvas, mixed, rest].map((plan) => [on("amqp", plan), on("quorum", plan)]);
  return [
    ...[[canvas], [mixed], [rest, on("amqp", tasks)]],
    ...[canvas, mixed, rest].map((plan) => [on("postgres", plan)]),
  ];
}

/**
 * @param {SuiteStageName} stage
 * @param {SuiteRunPlan} plan
 * @returns {SuiteRunPlan}
 */
function on(stage, plan) {
  return { ...plan, stage };
}

/** @param {Pick<SuiteRunPlan, "name" | "stage">} plan */
export function titleOf({ name, stage }) {
  return `Celery ${SUITE_VERSION}'s own suite on ${SUITE_STAGES[stage].title}: ${name}`;
}
