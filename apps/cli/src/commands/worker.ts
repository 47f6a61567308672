import { type Command, Option } from "commander";
import type { OnExit } from "../program.js";
import { commandContext, type GlobalOptions } from "../settings/global-options.js";
import { nameList, seconds, wholeNumber } from "../settings/parse-option.js";
import { LOG_LEVELS, logLevel } from "../worker/log-level.js";
import { POOL_NAMES } from "../worker/pool-names.js";
import type { WorkerCommandOptions } from "../worker/worker-command-options.js";

const NOTES = `
Pools:
  prefork   child processes, one task at a time each: for tasks that compute, block or crash
  async     promises in one event loop (default -c 100): for tasks that wait; gevent and eventlet mean the same
  solo      async with a single slot

Signals: TERM or Ctrl-C finishes what runs and gives back the rest (exit code 0); a second one, or QUIT, stops what
runs too: late-ack tasks go back to their queue (exit code 1).`;

/** Flags of Celery's worker for what workers do among themselves; there is nothing to switch off. */
const ACCEPTED = ["--without-gossip", "--without-mingle", "--without-heartbeat"];

export function defineWorker(program: Command, onExit: OnExit): void {
  const command = program
    .command("worker")
    .description("Run tasks of the app.")
    .option("-n, --hostname <name>", "Node name; %h host, %n its first part, %d domain (default: celery@%h).")
    .addOption(
      new Option("-l, --loglevel <level>", `Lines below it are dropped: ${LOG_LEVELS.join(", ")}.`)
        .argParser(logLevel)
        .default("info"),
    )
    .option("--json-logs", "One JSON object for each log line; no banner.")
    .option("-I, --include <modules>", "More modules with tasks, with commas between.", nameList);
  poolOptions(command);
  queueOptions(command);
  command.optionsGroup("Accepted as Celery's, without effect:");
  for (const flag of ACCEPTED) command.option(flag);
  command.addOption(
    new Option("-O, --optimization <profile>", "A slot only ever gets a task when it is idle.").choices([
      "default",
      "fair",
    ]),
  );
  command.addHelpText("after", NOTES).action(async (_options: unknown, self: Command) => {
    const { runWorker } = await import("../worker/run-worker.js");
    const options = self.optsWithGlobals<GlobalOptions & WorkerCommandOptions>();
    onExit(await runWorker(commandContext(options), options));
  });
}

function poolOptions(command: Command): void {
  command
    .optionsGroup("Pool options:")
    .addOption(new Option("-P, --pool <name>", "How tasks are run (default: prefork).").choices([...POOL_NAMES.keys()]))
    .option("-c, --concurrency <number>", "Tasks at once (default: one per core).", wholeNumber(1))
    .option("--prefetch-multiplier <number>", "Messages held per slot; 0 is no limit (default: 4).", wholeNumber(0))
    .option("--disable-prefetch", "Take a message only for a free slot.")
    .option("--time-limit <seconds>", "Hard limit: the task is killed.", seconds(0.001))
    .option("--soft-time-limit <seconds>", "Soft limit: the task's signal aborts.", seconds(0.001))
    .option("--max-tasks-per-child <number>", "Replace a child after so many tasks.", wholeNumber(1))
    .option("--max-memory-per-child <KiB>", "Replace a child that holds more after a task.", wholeNumber(1));
}

function queueOptions(command: Command): void {
  command
    .optionsGroup("Queue options:")
    .option("-Q, --queues <names>", "Consume only these, with commas between.", nameList)
    .option("-X, --exclude-queues <names>", "Do not consume these.", nameList)
    .option("--purge, --discard", "Remove all waiting messages first. There is no undo.");
}
