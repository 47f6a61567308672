// @ts-check
/**
 * Everything against real Python Celery: `pnpm interop [--quick | --mixed] [--amqp] [--all] [--recapture]`.
 *   --quick       the suites below test/, each on a few transports only, and test_tasks.py of Celery's own suite
 *   --amqp        on RabbitMQ only, and all of it, quorum queues and results over rpc too: without this flag a part of the
 *                 suites runs there
 *   --mixed       only test_canvas.py of Celery's own suite, with a worker of each kind on its queue
 *   --all         of Celery's own suite also the tests that its own worker does not pass, outside the pytest process
 *   --recapture   run the control of Celery's suite again and keep what it passes
 * Writes `{ passed, failed, skipped, notes }` to the file that CELERIAC_REPORT names.
 */
import { startServices } from "../tooling/services/start-services.mjs";
import { runCommand } from "../tooling/workspace/run-command.mjs";
import { inWorkspace } from "../tooling/workspace/workspace-root.mjs";
import { runCelerySuite } from "./runner/celery-suite.mjs";
import { runOwnTests } from "./runner/own-tests.mjs";
import { part, printTable, writeReport } from "./runner/report.mjs";
import { runVitestSuites } from "./runner/vitest-suites.mjs";

/** Those of every run: what takes part is for the suites to say. */
const SERVICES = ["redis", "rabbitmq", "postgres", "mongo", "python"];
const FLAGS = ["--quick", "--mixed", "--amqp", "--all", "--recapture"];

const args = process.argv.slice(2);
const unknown = args.filter((arg) => !FLAGS.includes(arg));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(", ")}. Known: ${FLAGS.join(", ")}.`);
  process.exitCode = 2;
} else {
  process.exitCode = await main({
    quick: args.includes("--quick"),
    mixed: args.includes("--mixed"),
    amqp: args.includes("--amqp"),
    all: args.includes("--all"),
    recapture: args.includes("--recapture"),
  });
}

/**
 * @param {{ quick: boolean, mixed: boolean, amqp: boolean, all: boolean, recapture: boolean }} flags
 * @returns {Promise<number>} Exit code.
 */
async function main(flags) {
  const announce = (/** @type {string} */ line) => console.error(line);
  const services = await startServices({ names: SERVICES, announce });
  try {
    for (const { service, missing } of services.found) {
      if (missing !== undefined) announce(`${service.title} is missing: ${missing}`);
    }
    const parts = [
      ...(flags.mixed ? [] : [await runOwnTests(), await runVitestSuites(services.env, flags)]),
      ...(await suiteAfterBuild({ ...flags, env: services.env, announce })),
    ];
    printTable(parts);
    writeReport(parts, process.env.CELERIAC_REPORT);
    return parts.some(({ failed }) => failed > 0) ? 1 : 0;
  } finally {
    await services.stop();
  }
}

/**
 * The worker of Celery's suite is a program of its own, which runs from the build. An up-to-date build costs a second.
 * @param {Parameters<typeof runCelerySuite>[0]} options
 * @returns {Promise<readonly import("./runner/report.mjs").Part[]>}
 */
async function suiteAfterBuild(options) {
  const tsc = inWorkspace("node_modules", "typescript", "bin", "tsc");
  const built = await runCommand(process.execPath, [tsc, "-b", inWorkspace("interop")], { quiet: true });
  if (built.code === 0) return runCelerySuite(options);
  const notes = [built.output.trim().split("\n").slice(0, 5).join(" | ")];
  return [part("build", { failed: 1, tookMs: built.tookMs, notes })];
}
