import { Argument, type Command } from "commander";
import type { OnExit } from "../program.js";
import { CONTROL_COMMANDS, commandName, listCommands } from "../remote/command-list.js";
import { type RemoteOptions, remoteOptions } from "../remote/remote-options.js";
import { commandContext, type GlobalOptions } from "../settings/global-options.js";

export function defineControl(program: Command, onExit: OnExit): void {
  const command = program
    .command("control")
    .description("Tell workers what to do.")
    .addArgument(
      new Argument("<command>", "What to tell them: one of those below.").argParser(commandName(CONTROL_COMMANDS)),
    )
    .addHelpText("after", `\nControl commands:\n${listCommands(CONTROL_COMMANDS)}`);
  remoteOptions(command).action(async (_method: string, _options: unknown, self: Command) => {
    const { runShutdown } = await import("../remote/run-shutdown.js"); // the only command there is; others are refused above
    const options = self.optsWithGlobals<GlobalOptions & RemoteOptions>();
    onExit(await runShutdown(commandContext(options), options));
  });
}
