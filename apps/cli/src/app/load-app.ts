/**
 * Loads the app that `-A` names and lays the outer settings over its own. Runs in the command's process and in each of its
 * prefork children, which hand it the same argument.
 * @module
 */
import type { App, AppConfig } from "@celeriac/core";
import { createApp, normalizeSettings, settingsFromEnvironment } from "@celeriac/core";
import { ConfigProblems } from "../settings/config-problems.js";
import { readConfig } from "../settings/read-config.js";
import { chooseLogger } from "../terminal/choose-logger.js";
import type { AppArgument } from "./app-argument.js";
import { AppNotFound } from "./app-not-found.js";
import { attachAdapters } from "./attach-adapters.js";
import { findModule, parseAppSpec } from "./find-module.js";
import { importModule, type ModuleExports } from "./import-module.js";
import { pickApp } from "./pick-app.js";

export type { AppArgument } from "./app-argument.js";
export { AppNotFound } from "./app-not-found.js";

/**
 * Loads and configures an app. Does no I/O but reading files; nothing is opened.
 * @throws ConfigError with all that is wrong with the settings, wherever they come from.
 * @throws AppNotFound `APP_NOT_FOUND` saying what was looked for and where, `APP_LOAD_FAILED` when the module throws.
 */
export async function loadApp(argument: AppArgument): Promise<App> {
  const problems = new ConfigProblems();
  const fromFile = await problems.collect("--config", () => settingsFromFile(argument));
  const fromEnvironment = await problems.collect("environment", () =>
    settingsFromEnvironment(argument.environment ?? {}),
  );
  const given = await problems.collect("command line", () =>
    normalizeSettings(argument.overrides ?? {}, "command line"),
  );
  const app = await problems.collect("app", () => findApp(argument));
  const outer = { ...fromFile?.input, ...fromEnvironment, ...given?.input };
  if (app !== undefined) await problems.collect("settings", () => applySettings(app, outer, argument));
  problems.throwIfAny();
  if (app === undefined) throw new Error("an app or a problem, always"); // collect() keeps one of the two
  for (const warning of fromFile?.warnings ?? []) app.logger.warn({}, warning);
  await includeModules(app, argument);
  return app;
}

async function settingsFromFile({
  config,
  workdir,
}: AppArgument): Promise<ReturnType<typeof normalizeSettings> | undefined> {
  if (config === undefined) return undefined;
  const { input, source } = await readConfig(config, workdir);
  return normalizeSettings(input, source);
}

async function findApp({ spec, workdir }: AppArgument): Promise<App> {
  if (spec === undefined) return createApp("celeriac");
  const { module, exportName } = parseAppSpec(spec);
  const file = locate(module, workdir, `-A ${spec}`);
  return pickApp(await load(file), file, exportName);
}

async function applySettings(app: App, outer: AppConfig, argument: AppArgument): Promise<void> {
  const hijacks = outer.workerHijackRootLogger ?? app.settings.workerHijackRootLogger;
  const logger = argument.log !== undefined && hijacks ? { logger: chooseLogger(argument.log) } : {};
  app.configure({ ...outer, ...logger });
  await attachAdapters(app, outer, argument.workdir);
}

/** Modules that register their tasks with the app when they are imported. */
async function includeModules(app: App, { include, workdir }: AppArgument): Promise<void> {
  if (include === undefined) return;
  for (const module of new Set([...app.settings.imports, ...app.settings.include, ...include])) {
    await load(locate(module, workdir, module));
  }
}

function locate(module: string, workdir: string, asked: string): string {
  const search = findModule(module, workdir);
  if ("file" in search) return search.file;
  const lines = search.tried.map((place) => `  ${place}`);
  throw new AppNotFound(`${asked}: there is no such module. Looked for:\n${lines.join("\n")}`, {
    code: "APP_NOT_FOUND",
  });
}

async function load(file: string): Promise<ModuleExports> {
  try {
    return await importModule(file);
  } catch (error) {
    if (typeof error === "object" && error !== null && "code" in error && error.code === "CONFIG_INVALID") throw error;
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new AppNotFound(`${file} could not be loaded: ${message}`, { code: "APP_LOAD_FAILED", cause: error });
  }
}
