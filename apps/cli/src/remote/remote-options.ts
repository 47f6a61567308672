import type { Command } from "commander";
import { nameList, seconds } from "../settings/parse-option.js";

/** Options of every command that talks to workers, checked. */
export interface RemoteOptions {
  /** Seconds. */
  readonly timeout: number;
  readonly destination?: readonly string[];
  readonly json?: boolean;
}

export function remoteOptions(command: Command): Command {
  return command
    .optionsGroup("Remote control options:")
    .option("-t, --timeout <seconds>", "How long to wait for replies.", seconds(0.001), 1)
    .option("-d, --destination <nodes>", "Only these workers, with commas between: celery@host.", nameList)
    .option("-j, --json", "Print the replies as JSON.");
}
