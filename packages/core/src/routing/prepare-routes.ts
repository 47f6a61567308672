import { ConfigError, type ConfigIssue } from "../errors/config-error.js";
import type { RouteFunction, RoutesSetting } from "../settings/routes-setting.js";
import { compileGlob } from "./glob.js";
import { type ParsedRoute, parseRoute } from "./route-spec.js";

/** Answers by the task's name alone, so its answers may be remembered. */
export interface RouteTable {
  readonly kind: "table";
  find(name: string): ParsedRoute | undefined;
  /** All its routes, with the place they stand at. */
  readonly routes: readonly (readonly [key: string, route: ParsedRoute])[];
}

export interface DynamicRouter {
  readonly kind: "function";
  readonly decide: RouteFunction;
}

export type PreparedRouter = RouteTable | DynamicRouter;

/**
 * Expands `taskRoutes` into routers, in the order in which they are asked.
 * @throws ConfigError naming every wrong route.
 * @see celery/app/routes.py `prepare`, `MapRoute`.
 */
export function prepareRoutes(setting: RoutesSetting | null): readonly PreparedRouter[] {
  if (setting === null) return [];
  const issues: ConfigIssue[] = [];
  const isList = Array.isArray(setting) && !isPairs(setting);
  const routers: readonly unknown[] = isList ? setting : [setting];
  const prepared = routers.flatMap((router, index): readonly PreparedRouter[] => {
    const key = isList ? `taskRoutes[${index}]` : "taskRoutes";
    if (isFunction(router)) return [{ kind: "function", decide: router }];
    const pairs = pairsOf(router);
    if (pairs !== undefined) return [createTable(pairs, key, issues)];
    issues.push({ key, message: "must be a record of routes by task name, a Map, a list of pairs or a function." });
    return [];
  });
  if (issues.length > 0) throw new ConfigError(issues);
  return prepared;
}

function isFunction(value: unknown): value is RouteFunction {
  return typeof value === "function";
}

function isPairs(value: unknown): value is readonly (readonly [unknown, unknown])[] {
  return (
    Array.isArray(value) &&
    value.every(
      (item) => Array.isArray(item) && item.length === 2 && (typeof item[0] === "string" || item[0] instanceof RegExp),
    )
  );
}

function pairsOf(router: unknown): Iterable<readonly [unknown, unknown]> | undefined {
  if (router instanceof Map) return router;
  if (isPairs(router)) return router;
  return typeof router === "object" && router !== null && !Array.isArray(router) ? Object.entries(router) : undefined;
}

/**
 * Exact names are looked at before patterns, wherever they stand; of patterns the first that fits wins. As in Celery only
 * a name with a `*` is a pattern, and a regular expression must fit from the name's start but not to its end.
 */
function createTable(pairs: Iterable<readonly [unknown, unknown]>, key: string, issues: ConfigIssue[]): RouteTable {
  const exact = new Map<string, ParsedRoute>();
  const patterns = new Map<string, { readonly fits: (name: string) => boolean; readonly route: ParsedRoute }>();
  const routes: (readonly [string, ParsedRoute])[] = [];
  for (const [pattern, value] of pairs) {
    const place = `${key}[${pattern instanceof RegExp ? String(pattern) : JSON.stringify(pattern)}]`;
    const route = parseRoute(value);
    if (typeof route === "string") {
      issues.push({ key: place, message: route });
      continue;
    }
    routes.push([place, route]);
    if (pattern instanceof RegExp) patterns.set(String(pattern), { fits: fitsFromStart(pattern), route });
    else if (typeof pattern !== "string") issues.push({ key: place, message: "must be a text or a RegExp." });
    else if (pattern.includes("*")) patterns.set(pattern, { fits: compileGlob(pattern), route });
    else exact.set(pattern, route);
  }
  const ordered = [...patterns.values()];
  const find = (name: string): ParsedRoute | undefined =>
    exact.get(name) ?? ordered.find((pattern) => pattern.fits(name))?.route;
  return { kind: "table", find, routes };
}

/** Sticky, so that it is tried at the start only; stateless, because `lastIndex` is set for each name. */
function fitsFromStart(pattern: RegExp): (name: string) => boolean {
  const anchored = new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, "")}y`);
  return (name) => {
    anchored.lastIndex = 0;
    return anchored.test(name);
  };
}
