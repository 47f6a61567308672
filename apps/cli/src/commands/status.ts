import type { Command } from "commander";
import type { OnExit } from "../program.js";
import { type RemoteOptions, remoteOptions } from "../remote/remote-options.js";
import { commandContext, type GlobalOptions } from "../settings/global-options.js";

export function defineStatus(program: Command, onExit: OnExit): void {
  remoteOptions(program.command("status").description("Show which workers are online.")).action(
    async (_options: unknown, command: Command) => {
      const { runStatus } = await import("../remote/run-inspect.js");
      const options = command.optsWithGlobals<GlobalOptions & RemoteOptions>();
      onExit(await runStatus(commandContext(options), options));
    },
  );
}
