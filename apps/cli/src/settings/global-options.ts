import type { LogLevel } from "@celeriac/core";
import type { AppArgument } from "../app/app-argument.js";
import { CommandError, EXIT } from "../exit-code.js";
import { isColorful, processTerminal, type Terminal } from "../terminal/terminal.js";

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly app?: string;
  readonly broker?: string;
  readonly resultBackend?: string;
  readonly config?: string;
  readonly workdir?: string;
  readonly color: boolean;
  readonly quiet?: boolean;
}

/** What a command starts from. */
export interface CommandContext {
  readonly globals: GlobalOptions;
  readonly terminal: Terminal;
}

/** Also goes to `--workdir`, as Celery does: relative paths in URLs and in the app's own code mean that folder too. */
export function commandContext(globals: GlobalOptions): CommandContext {
  if (globals.workdir !== undefined) changeFolder(globals.workdir);
  return { globals, terminal: processTerminal(globals.color) };
}

/** What of the command line and the environment decides which app it is. */
export interface AppChoice {
  /** Settings from options of the command itself. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly include?: readonly string[];
  readonly level?: LogLevel;
  readonly jsonLogs?: boolean;
}

/** The argument with which `loadApp` makes the app in this process and in prefork children. */
export function appArgument(
  { app, broker, resultBackend, config, color }: GlobalOptions,
  choice: AppChoice = {},
  env: NodeJS.ProcessEnv = process.env,
): AppArgument {
  return {
    ...(app === undefined ? {} : { spec: app }),
    workdir: process.cwd(),
    ...(config === undefined ? {} : { config }),
    environment: settingVariables(env),
    overrides: {
      ...(broker === undefined ? {} : { brokerUrl: broker }),
      ...(resultBackend === undefined ? {} : { resultBackend }),
      ...choice.overrides,
    },
    ...(choice.include === undefined ? {} : { include: choice.include }),
    log: {
      level: choice.level ?? "warn",
      format: choice.jsonLogs === true ? "json" : "pretty",
      color: color && isColorful(process.stderr, env),
    },
  };
}

/** @throws CommandError when no app was named. */
export function requireApp({ app }: GlobalOptions, command: string): void {
  if (app !== undefined) return;
  throw new CommandError(
    `celeriac ${command} needs an app: name the module that exports it with -A (or CELERY_APP), for example -A ./src/app.ts`,
    EXIT.usage,
  );
}

function changeFolder(folder: string): void {
  try {
    process.chdir(folder);
  } catch {
    throw new CommandError(`--workdir ${folder}: there is no such folder.`, EXIT.usage);
  }
}

function settingVariables(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const ours = Object.entries(env).filter(([name]) => /^(?:CELERY|BROKER_)/.test(name));
  return Object.fromEntries(ours.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
