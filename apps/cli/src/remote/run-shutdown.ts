import { createControl } from "@celeriac/control";
import { CommandError, EXIT, type ExitCode } from "../exit-code.js";
import type { CommandContext } from "../settings/global-options.js";
import { requireBroker, withApp } from "../settings/with-app.js";
import type { RemoteOptions } from "./remote-options.js";

/**
 * Tells workers to shut down. They do not answer that, so those who are there are counted before.
 * @throws CommandError with code 69 when there is nobody to tell.
 */
export async function runShutdown(
  { globals, terminal }: CommandContext,
  { timeout, destination, json }: RemoteOptions,
): Promise<ExitCode> {
  const target = destination === undefined ? {} : { destination };
  const nodes = await withApp(globals, async (app) => {
    requireBroker(app);
    const control = createControl(app);
    const online = await control.ping({ timeout, ...target });
    await control.shutdown(target);
    return [...online].sort();
  });
  if (nodes.length === 0) throw new CommandError("No nodes replied within time constraint", EXIT.nobodyAnswered);
  if (json === true) terminal.print(JSON.stringify({ shutdown: nodes }));
  else terminal.print(`Asked to shut down: ${nodes.join(", ")}`);
  return EXIT.ok;
}
