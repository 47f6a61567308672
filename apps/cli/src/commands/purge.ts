import type { Command } from "commander";
import type { OnExit } from "../program.js";
import { commandContext, type GlobalOptions } from "../settings/global-options.js";
import { nameList } from "../settings/parse-option.js";

export function definePurge(program: Command, onExit: OnExit): void {
  program
    .command("purge")
    .description("Remove all waiting messages from the app's queues. There is no undo.")
    .option("-f, --force", "Do not ask.")
    .option("-Q, --queues <names>", "Only these queues, with commas between.", nameList)
    .option("-X, --exclude-queues <names>", "Not these queues.", nameList)
    .option("-j, --json", "Print the number removed for each queue as JSON.")
    .action(async (_options: unknown, command: Command) => {
      const { runPurge } = await import("./run-purge.js");
      const options = command.optsWithGlobals<GlobalOptions & PurgeOptions>();
      onExit(await runPurge(commandContext(options), options));
    });
}

/** Options of `celeriac purge`, checked. */
export interface PurgeOptions {
  readonly force?: boolean;
  readonly queues?: readonly string[];
  readonly excludeQueues?: readonly string[];
  readonly json?: boolean;
}
