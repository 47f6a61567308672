// @ts-check
import { controlWorker, ourWorker } from "../celery-suite/run-suite.mjs";
import { CANVAS_FILE, INSPECT_FILE, SUITE_VERSION, TASKS_FILE } from "../celery-suite/suite-version.mjs";

/** @typedef {import("../celery-suite/suite-environment.mjs").SuiteEnvironment} SuiteEnvironment */

/**
 * Where messages go; results are in Redis.
 * @typedef {"redis" | "amqp"} SuiteBroker
 */

/**
 * Files of the suite, and who works for them.
 * @typedef {object} SuiteRunPlan
 * @property {SuiteBroker} broker
 * @property {string} name - For people, and for the folder of its logs.
 * @property {readonly string[]} files
 * @property {boolean} [withControl] - Celery's own worker takes part. Default: false.
 * @property {(environment: SuiteEnvironment) => readonly (readonly string[])[]} workers - Commands.
 */

/** @type {SuiteRunPlan} */
const tasks = { broker: "redis", name: "tasks", files: [TASKS_FILE], workers: () => [ourWorker()] };

/** @type {SuiteRunPlan} */
const rest = {
  broker: "redis",
  name: "tasks and inspect",
  files: [TASKS_FILE, INSPECT_FILE],
  workers: () => [ourWorker()],
};

/** @type {SuiteRunPlan} */
const canvas = { broker: "redis", name: "canvas", files: [CANVAS_FILE], workers: () => [ourWorker()] };

/** One worker of each kind on the same queue: which of them runs a task is chance. @type {SuiteRunPlan} */
const mixed = {
  broker: "redis",
  name: "canvas, mixed fleet",
  files: [CANVAS_FILE],
  withControl: true,
  workers: (environment) => [ourWorker(), controlWorker(environment)],
};

/**
 * The runs, in lanes that may go on at the same time: most of a run is waiting. A Redis that is not ours alone takes one
 * lane at a time.
 * @param {{ readonly quick: boolean, readonly mixed: boolean, readonly amqp: boolean }} flags
 * @returns {readonly (readonly SuiteRunPlan[])[]}
 */
export function planLanes(flags) {
  if (flags.mixed) return flags.amqp ? [[onRabbit(mixed)]] : [[mixed]];
  if (flags.amqp) return flags.quick ? [[onRabbit(tasks)]] : [[onRabbit(canvas)], [onRabbit(mixed)], [onRabbit(rest)]];
  if (flags.quick) return [[tasks], [onRabbit(tasks)]];
  return [[canvas], [mixed], [rest], [onRabbit(tasks)]];
}

/**
 * @param {SuiteRunPlan} plan
 * @returns {SuiteRunPlan}
 */
function onRabbit(plan) {
  return { ...plan, broker: "amqp" };
}

/** @param {SuiteBroker} broker */
export function brokerName(broker) {
  return broker === "redis" ? "Redis" : "RabbitMQ";
}

/** @param {Pick<SuiteRunPlan, "name" | "broker">} plan */
export function titleOf({ name, broker }) {
  return `Celery ${SUITE_VERSION}'s own suite on ${brokerName(broker)}: ${name}`;
}
