import type { Command } from "commander";
import type { OnExit } from "../program.js";
import { commandContext, type GlobalOptions } from "../settings/global-options.js";
import { seconds } from "../settings/parse-option.js";

export function defineResult(program: Command, onExit: OnExit): void {
  program
    .command("result <id>")
    .description("Wait for a task's result and print it.")
    .option("-t, --task <name>", "Name of the task; checked against the app's.")
    .option("--traceback", "Print the traceback of a failed task instead, without waiting.")
    .option("--timeout <seconds>", "Give up after this (default: wait for ever); 0 only looks.", seconds(0))
    .option("-j, --json", "Print the whole record: state, result, traceback.")
    .action(async (id: string, _options: unknown, command: Command) => {
      const { runResult } = await import("./run-result.js");
      const options = command.optsWithGlobals<GlobalOptions & ResultOptions>();
      onExit(await runResult(commandContext(options), id, options));
    });
}

/** Options of `celeriac result`, checked. */
export interface ResultOptions {
  readonly task?: string;
  readonly traceback?: boolean;
  /** Seconds; 0 looks without waiting. */
  readonly timeout?: number;
  readonly json?: boolean;
}
