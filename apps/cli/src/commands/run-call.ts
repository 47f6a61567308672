import type { App } from "@celeriac/core";
import { nearest } from "@celeriac/core";
import { EXIT, type ExitCode } from "../exit-code.js";
import type { CommandContext } from "../settings/global-options.js";
import { requireBroker, withApp } from "../settings/with-app.js";
import type { CallOptions } from "./call.js";

/** Sends the task and prints its id once the broker has it. */
export async function runCall(
  { globals, terminal }: CommandContext,
  name: string,
  options: CallOptions,
): Promise<ExitCode> {
  const { args = [], kwargs, eta, countdown, expires, priority, serializer, queue, exchange, routingKey } = options;
  const send = { kwargs, eta, countdown, expires, priority, serializer, queue, exchange, routingKey };
  await withApp(globals, async (app) => {
    requireBroker(app);
    const handle = await app.send(name, args, defined(send));
    terminal.print(options.json === true ? JSON.stringify({ id: handle.id }) : handle.id);
    const hint = hintFor(app, name);
    if (hint !== undefined && globals.quiet !== true) terminal.note(terminal.errorColors.yellow(hint));
  });
  return EXIT.ok;
}

/** The task may live in another app, so an unknown name is sent all the same; a likely slip is pointed out. */
function hintFor(app: App, name: string): string | undefined {
  if (app.tasks.has(name)) return undefined;
  const near = nearest(name, app.tasks.keys());
  return near === undefined ? undefined : `Sent, but this app has no task "${name}". Did you mean "${near}"?`;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(record: T): Defined<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<T>; // just filtered
}
