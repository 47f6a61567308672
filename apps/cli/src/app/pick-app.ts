import type { App } from "@celeriac/core";
import { nearest } from "@celeriac/core";
import { AppNotFound } from "./app-not-found.js";
import type { ModuleExports } from "./import-module.js";

/**
 * The app that a module exports: the named export, which may also be a function that makes it, or else the only app there.
 * @throws AppNotFound `APP_NOT_FOUND` saying which exports there are.
 */
export async function pickApp(exported: ModuleExports, file: string, exportName?: string): Promise<App> {
  const members = membersOf(exported);
  if (exportName !== undefined) return pickNamed(members, file, exportName);
  const apps = [...members].filter((member): member is [string, App] => isApp(member[1]));
  const [first, ...others] = apps;
  if (first === undefined) throw notFound(`exports no app. ${listOf(members)}`, file);
  if (others.some(([, app]) => app !== first[1])) {
    const names = apps.map(([name]) => name);
    throw notFound(
      `exports several apps: ${names.join(", ")}. Say which one, for example -A module:${names[0]}.`,
      file,
    );
  }
  return first[1];
}

/** By shape, not by class: the app may come from another copy of the package. */
export function isApp(value: unknown): value is App {
  return (
    typeof value === "object" && value !== null && "tasks" in value && "settings" in value && "sendSignature" in value
  );
}

/** Exports by name; those of a CommonJS module that Node could not name are members of its default export. */
function membersOf(exported: ModuleExports): ReadonlyMap<string, unknown> {
  const { default: fallback } = exported;
  const inner = typeof fallback === "object" && fallback !== null && !isApp(fallback) ? Object.entries(fallback) : [];
  return new Map([...inner, ...Object.entries(exported)]);
}

async function pickNamed(members: ReadonlyMap<string, unknown>, file: string, name: string): Promise<App> {
  if (!members.has(name)) {
    const near = nearest(name, members.keys());
    const guess = near === undefined ? "" : ` Did you mean ${near}?`;
    throw notFound(`has no export "${name}".${guess} ${listOf(members)}`, file);
  }
  const member = members.get(name);
  const value: unknown = typeof member === "function" ? await member() : member;
  if (isApp(value)) return value;
  throw notFound(`exports "${name}", which is no app: ${describe(value)}. ${HOW_TO_EXPORT}`, file);
}

const HOW_TO_EXPORT = 'Export what createApp() returns: export const app = createApp("name", { ... });';

function listOf(members: ReadonlyMap<string, unknown>): string {
  return members.size === 0
    ? `It exports nothing. ${HOW_TO_EXPORT}`
    : `Its exports are: ${[...members.keys()].join(", ")}. ${HOW_TO_EXPORT}`;
}

function describe(value: unknown): string {
  return value === null ? "null" : typeof value;
}

function notFound(why: string, file: string): AppNotFound {
  return new AppNotFound(`${file} ${why}`, { code: "APP_NOT_FOUND" });
}
