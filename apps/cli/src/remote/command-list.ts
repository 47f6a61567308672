import { nearest } from "@celeriac/core";
import { InvalidArgumentError } from "commander";

/** Inspect commands, under Celery's names. */
export const INSPECT_COMMANDS: ReadonlyMap<string, string> = new Map([
  ["ping", "Who answers."],
  ["active", "Tasks that run now."],
  ["reserved", "Tasks taken from the broker that do not run yet."],
  ["scheduled", "Tasks that wait for their ETA or countdown."],
  ["registered", "Tasks a worker has."],
  ["stats", "Counts, pool, broker, memory."],
  ["active_queues", "Queues a worker consumes."],
]);

/** Control commands, under Celery's names. */
export const CONTROL_COMMANDS: ReadonlyMap<string, string> = new Map([
  ["shutdown", "Warm shutdown: finish what runs, give back the rest."],
]);

/** Names and meanings in two columns. */
export function listCommands(commands: ReadonlyMap<string, string>): string {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  return [...commands].map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join("\n");
}

/** A reader of command names that suggests the one that may have been meant. */
export function commandName(commands: ReadonlyMap<string, string>): (text: string) => string {
  return (text) => {
    if (commands.has(text)) return text;
    const near = nearest(text, commands.keys());
    const guess = near === undefined ? "" : ` Did you mean ${near}?`;
    throw new InvalidArgumentError(`${guess} There are: ${[...commands.keys()].join(", ")}.`.trim());
  };
}
