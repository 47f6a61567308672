import { createControl, failureOf } from "@celeriac/control";
import { encodeJson } from "@celeriac/core";
import { plural } from "../commands/purge-queues.js";
import { CommandError, EXIT, type ExitCode } from "../exit-code.js";
import type { CommandContext } from "../settings/global-options.js";
import { requireBroker, withApp } from "../settings/with-app.js";
import { safeText } from "../terminal/safe-text.js";
import type { Terminal } from "../terminal/terminal.js";
import { formatReply } from "./format-reply.js";
import type { RemoteOptions } from "./remote-options.js";

/** Prints who is online. @throws CommandError with code 69 when nobody answers. */
export async function runStatus(context: CommandContext, options: RemoteOptions): Promise<ExitCode> {
  const replies = await ask(context, "ping", options);
  print(context, replies, options, (node, _reply, { colors }) => `${safeText(node)}: ${colors.green("OK")}`);
  return EXIT.ok;
}

/** Prints what each worker answers to one command. @throws CommandError with code 69 when nobody does. */
export async function runInspect(context: CommandContext, method: string, options: RemoteOptions): Promise<ExitCode> {
  const replies = await ask(context, method, options);
  print(context, replies, options, nodeReply);
  return [...replies.values()].every((reply) => failureOf(reply) === undefined) ? EXIT.ok : EXIT.failed;
}

async function ask(
  { globals }: CommandContext,
  method: string,
  { timeout, destination }: RemoteOptions,
): Promise<ReadonlyMap<string, unknown>> {
  const replies = await withApp(globals, (app) => {
    requireBroker(app);
    const target = destination === undefined ? {} : { destination };
    return createControl(app).broadcast(method, {}, { timeout, ...target });
  });
  if (replies.size > 0) return replies;
  throw new CommandError("No nodes replied within time constraint", EXIT.nobodyAnswered);
}

function print(
  { globals, terminal }: CommandContext,
  replies: ReadonlyMap<string, unknown>,
  { json }: RemoteOptions,
  show: (node: string, reply: unknown, terminal: Terminal) => string,
): void {
  const sorted = [...replies].sort(([a], [b]) => (a < b ? -1 : 1));
  if (json === true) {
    terminal.print(encodeJson(Object.fromEntries(sorted)));
    return;
  }
  for (const [node, reply] of sorted) terminal.print(show(node, reply, terminal));
  if (globals.quiet !== true) terminal.print(`\n${plural(replies.size, "node")} online.`);
}

/** `->  celery@host: OK` and the reply below it, as Celery prints it. */
function nodeReply(node: string, reply: unknown, { colors }: Terminal): string {
  const verdict = failureOf(reply) === undefined ? colors.green("OK") : colors.red("ERROR");
  return `${colors.cyan("->")}  ${safeText(node)}: ${verdict}\n${formatReply(reply)}`;
}
