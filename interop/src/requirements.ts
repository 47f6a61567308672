import type { FoundPython } from "./peer/find-python.js";
import { findPython } from "./peer/find-python.js";
import { findMongo } from "./stage/mongo-stage.js";
import { findPostgres } from "./stage/postgres-stage.js";
import { findRabbit } from "./stage/rabbit-stage.js";
import { findRedis } from "./stage/redis-stage.js";
import type { StoreKind, TransportKind } from "./stage/transport-kinds.js";
import { partsOf, usesRabbit, usesRedis } from "./stage/transport-kinds.js";

/**
 * What is missing to run suites on a transport here, `undefined` when nothing is.
 * @throws Error on CI, where a missing peer is a failure and not a reason to skip.
 */
export function missingPeers(
  transport: TransportKind = "redis",
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const missing = [...new Set(needsOf(transport, env).flatMap((found) => ("missing" in found ? [found.missing] : [])))];
  if (missing.length === 0) return undefined;
  const text = missing.join("; ");
  if (env.CI === "true") throw new Error(`The interop suites cannot run: ${text}`);
  return text;
}

type Found = { readonly missing: string } | object;

function needsOf(transport: TransportKind, env: NodeJS.ProcessEnv): readonly Found[] {
  const python = findPython(env);
  return [
    python,
    ...(usesRedis(transport) ? [findRedis(env)] : []),
    ...(usesRabbit(transport) ? [findRabbit(env)] : []),
    ...storeNeeds(partsOf(transport).store, python, env),
  ];
}

function storeNeeds(store: StoreKind, python: FoundPython, env: NodeJS.ProcessEnv): readonly Found[] {
  switch (store) {
    case "postgres":
      return [findPostgres(env, python)];
    case "mongo":
      return [findMongo(env, python)];
    case "sqlite":
      return [findSqlite(python)];
    default:
      return [];
  }
}

function findSqlite(python: FoundPython): Found {
  if ("missing" in python || python.python.modules.includes("sqlalchemy")) return python;
  return { missing: `${python.python.path} cannot import sqlalchemy: results in SQLite need it` };
}
