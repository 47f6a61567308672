import type { App } from "@celeriac/core";
import { CeleriacError } from "@celeriac/core";
import type { AppSource } from "./ipc.js";

/**
 * Imports the module that holds the app and returns it. @throws CeleriacError `APP_NOT_FOUND` saying what was looked for.
 */
export async function findApp(source: AppSource): Promise<App> {
  const exported: Readonly<Record<string, unknown>> = await import(source.module);
  const candidate =
    source.exportName === undefined ? only(Object.values(exported).filter(isApp)) : exported[source.exportName];
  const app: unknown = typeof candidate === "function" ? await candidate(source.argument) : candidate;
  if (isApp(app)) return app;
  const looked = source.exportName === undefined ? "exactly one exported app" : `the export "${source.exportName}"`;
  throw new CeleriacError(
    `No app in ${source.module}: looked for ${looked}, found the exports ${Object.keys(exported).join(", ") || "(none)"}.`,
    {
      code: "APP_NOT_FOUND",
    },
  );
}

function only<T>(items: readonly T[]): T | undefined {
  return new Set(items).size === 1 ? items[0] : undefined;
}

/** By shape, not by class: the app may come from another copy of the package. */
function isApp(value: unknown): value is App {
  return (
    typeof value === "object" && value !== null && "tasks" in value && "settings" in value && "sendSignature" in value
  );
}
