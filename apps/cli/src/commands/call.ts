import type { Command } from "commander";
import type { OnExit } from "../program.js";
import { commandContext, type GlobalOptions } from "../settings/global-options.js";
import { durationOrMoment, jsonArray, jsonObject, moment, seconds, wholeNumber } from "../settings/parse-option.js";

export function defineCall(program: Command, onExit: OnExit): void {
  program
    .command("call <name>")
    .description("Send a task by name; prints its id.")
    .option("-a, --args <json>", "Positional arguments, a JSON array.", jsonArray)
    .option("-k, --kwargs <json>", "Keyword arguments, a JSON object.", jsonObject)
    .option("--eta <time>", "Earliest start, ISO 8601.", moment)
    .option("--countdown <seconds>", "Earliest start from now: 10, 90s, 2m.", seconds(0))
    .option("--expires <seconds|time>", "Not run after this.", durationOrMoment)
    .option("--priority <number>", "Priority; what it means depends on the broker.", wholeNumber(0))
    .option("--serializer <name>", "Serializer of the message (default: the app's).")
    .option("-j, --json", 'Print {"id": …} instead of the bare id.')
    .optionsGroup("Routing options:")
    .option("--queue <name>", "Queue to send to.")
    .option("--exchange <name>", "Exchange to send to.")
    .option("--routing-key <key>", "Routing key.")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { runCall } = await import("./run-call.js");
      const options = command.optsWithGlobals<GlobalOptions & CallOptions>();
      onExit(await runCall(commandContext(options), name, options));
    });
}

/** Options of `celeriac call`, checked. */
export interface CallOptions {
  readonly args?: readonly unknown[];
  readonly kwargs?: Readonly<Record<string, unknown>>;
  readonly eta?: Date;
  /** Seconds. */
  readonly countdown?: number;
  /** Seconds from now, or a moment. */
  readonly expires?: number | Date;
  readonly priority?: number;
  readonly serializer?: string;
  readonly queue?: string;
  readonly exchange?: string;
  readonly routingKey?: string;
  readonly json?: boolean;
}
