import { Argument, type Command } from "commander";
import type { OnExit } from "../program.js";
import { commandName, INSPECT_COMMANDS, listCommands } from "../remote/command-list.js";
import { type RemoteOptions, remoteOptions } from "../remote/remote-options.js";
import { commandContext, type GlobalOptions } from "../settings/global-options.js";

export function defineInspect(program: Command, onExit: OnExit): void {
  const command = program
    .command("inspect")
    .description("Ask workers what they are doing.")
    .addArgument(new Argument("<command>", "What to ask: one of those below.").argParser(commandName(INSPECT_COMMANDS)))
    .addHelpText("after", `\nInspect commands:\n${listCommands(INSPECT_COMMANDS)}`);
  remoteOptions(command).action(async (method: string, _options: unknown, self: Command) => {
    const { runInspect } = await import("../remote/run-inspect.js");
    const options = self.optsWithGlobals<GlobalOptions & RemoteOptions>();
    onExit(await runInspect(commandContext(options), method, options));
  });
}
