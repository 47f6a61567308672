import { Command, Option } from "commander";
import { defineCall } from "./commands/call.js";
import { defineControl } from "./commands/control.js";
import { defineInspect } from "./commands/inspect.js";
import { definePurge } from "./commands/purge.js";
import { defineResult } from "./commands/result.js";
import { defineStatus } from "./commands/status.js";
import { defineWorker } from "./commands/worker.js";
import type { ExitCode } from "./exit-code.js";
import { isColorful, type Terminal } from "./terminal/terminal.js";
import { version } from "./version.js";

/** Hears with which code a command ended. */
export type OnExit = (code: ExitCode) => void;

const EXAMPLES = `
Examples:
  celeriac -A ./src/app.ts worker -c 4               run the tasks of an app, four at a time
  celeriac -A ./src/app.ts call tasks.add -a '[2, 3]'   send a task; prints its id
  celeriac -A ./src/app.ts result ID                 wait for a result and print it
  celeriac -b redis://localhost:6379/0 status        who is online, no app needed

Environment: CELERY_APP, BROKER_URL, CELERY_RESULT_BACKEND and every other setting as CELERY_<NAME>; NO_COLOR.
'celeriac <command> --help' says more.`;

/**
 * The command line. Commands load what they need when they run, so `--help` costs nothing.
 */
export function createProgram(terminal: Terminal, onExit: OnExit): Command {
  const program = new Command("celeriac")
    .description("Celery's task queue for Node: run workers, send tasks, look at both.")
    .version(version(), "--version", "Print the version.")
    .helpOption("-h, --help", "Show help.")
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText("after", EXAMPLES);
  for (const option of globalOptions()) program.addOption(option);
  const { bold, cyan } = terminal.colors;
  program.configureHelp({
    showGlobalOptions: true,
    styleTitle: bold,
    styleCommandText: cyan,
    styleSubcommandText: cyan,
    styleOptionText: cyan,
    styleArgumentText: cyan,
  });
  program.configureOutput({
    // Commander asks the environment too, but knows nothing of --no-color.
    getOutHasColors: () => isColorful(process.stdout),
    getErrHasColors: () => isColorful(process.stderr),
    outputError: (text, write) => write(`${terminal.errorColors.red("Error:")} ${text.replace(/^error: /, "")}`),
  });
  program.commandsGroup("Commands:");
  for (const define of [
    defineWorker,
    defineCall,
    defineResult,
    defineStatus,
    defineInspect,
    defineControl,
    definePurge,
  ]) {
    define(program, onExit);
  }
  return program;
}

function globalOptions(): readonly Option[] {
  return [
    new Option(
      "-A, --app <module[:export]>",
      "Module that exports the app: a file (TypeScript too), folder or package.",
    ).env("CELERY_APP"),
    new Option("-b, --broker <url>", "Broker, instead of the app's own."),
    new Option("--result-backend <url>", "Result backend, instead of the app's own."),
    new Option("--config <file>", "Settings from a file: .json, .yaml, .toml, .ts or .js.").env("CELERY_CONFIG"),
    new Option("--workdir <folder>", "Folder to look modules and files up from.").env("CELERY_WORKDIR"),
    new Option("-C, --no-color", "No colours. NO_COLOR does the same."),
    new Option("-q, --quiet", "Only the answer: no banner, no remarks."),
  ];
}
