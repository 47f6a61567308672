import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit-code.js";
import { createProgram } from "./program.js";
import { reportError } from "./terminal/report-error.js";
import { processTerminal } from "./terminal/terminal.js";

const argv = process.argv.slice(2);

/** Whether output may be coloured is needed before the options are parsed: parsing prints help and errors. */
const color = !argv.some((word) => word === "-C" || word === "--no-color");

// `celeriac inspect stats | head` closes our output early; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
});

async function main(): Promise<ExitCode> {
  const terminal = processTerminal(color);
  let code: ExitCode = EXIT.ok;
  const program = createProgram(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportError(error, terminal, isDebug());
  }
}

/** `-l debug`, `-ldebug`, `--loglevel=debug`: then errors come with their stacks. */
function isDebug(): boolean {
  return /(?:^|\s)(?:-l|--loglevel)[\s=]?debug(?:\s|$)/i.test(argv.join(" "));
}

process.exitCode = await main();
// The app's module may hold handles that never end, such as a pool of connections; the command is over all the same.
process.stdout.write("", () => process.exit());
