import type { App } from "@celeriac/core";
import { loadApp } from "../app/load-app.js";
import { CommandError } from "../exit-code.js";
import { issuesOf } from "./config-problems.js";
import { appArgument, type GlobalOptions } from "./global-options.js";

/** @throws CommandError when neither the app nor anything outside it names a broker. */
export function requireBroker(app: App): void {
  try {
    void app.broker;
  } catch (error) {
    if (issuesOf(error) === undefined || app.settings.brokerUrl !== null) throw error;
    throw new CommandError(
      `App "${app.name}" has no broker. Name one with -b redis://localhost:6379/0, with BROKER_URL, or in createApp().`,
    );
  }
}

/** Loads the app of a short command, runs it, and closes what it opened. Throws what either throws. */
export async function withApp<T>(globals: GlobalOptions, run: (app: App) => Promise<T>): Promise<T> {
  const app = await loadApp(appArgument(globals));
  try {
    return await run(app);
  } finally {
    await app.close();
  }
}
