import { selectQueues } from "@celeriac/core";
import { CommandError, EXIT, type ExitCode } from "../exit-code.js";
import type { CommandContext } from "../settings/global-options.js";
import { requireBroker, withApp } from "../settings/with-app.js";
import type { Terminal } from "../terminal/terminal.js";
import type { PurgeOptions } from "./purge.js";
import { purgeQueues, purgeSummary } from "./purge-queues.js";

/** Asks, then removes all waiting messages. Messages in workers' hands stay. */
export async function runPurge({ globals, terminal }: CommandContext, options: PurgeOptions): Promise<ExitCode> {
  return withApp(globals, async (app) => {
    requireBroker(app);
    const queues = selectQueues(app.settings, {
      ...(options.queues === undefined ? {} : { queues: options.queues }),
      ...(options.excludeQueues === undefined ? {} : { exclude: options.excludeQueues }),
    });
    const names = queues.map((queue) => queue.name).sort();
    if (options.force !== true && !(await confirmed(terminal, names))) {
      terminal.note("Nothing was removed.");
      return EXIT.failed;
    }
    const removed = await purgeQueues(app, queues);
    terminal.print(options.json === true ? JSON.stringify(Object.fromEntries(removed)) : purgeSummary(removed));
    return EXIT.ok;
  });
}

async function confirmed(terminal: Terminal, names: readonly string[]): Promise<boolean> {
  const { bold, red } = terminal.errorColors;
  terminal.note(`${red("WARNING:")} this removes all waiting tasks from: ${bold(names.join(", "))}`);
  terminal.note("There is no undo.");
  const answer = await terminal.confirm("Remove them?");
  if (answer === undefined)
    throw new CommandError("Nobody is at the terminal to ask. Use -f to remove without asking.");
  return answer;
}
