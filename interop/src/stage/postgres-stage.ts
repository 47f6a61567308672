import { randomUUID } from "node:crypto";
import type { FoundPython } from "../peer/find-python.js";
import { findPython } from "../peer/find-python.js";
import { runPython } from "../peer/run-python.js";

/** A database for one suite, which goes when the suite is over. */
export interface PostgresStage extends AsyncDisposable {
  /** As SQLAlchemy wants it, with the driver that this Python has. */
  readonly url: string;
}

/** A PostgreSQL and a Python that can work with it, or why there is none. */
export type FoundPostgres = { readonly url: string; readonly python: string } | { readonly missing: string };

/** SQLAlchemy's names of the drivers that we know, best first. */
const DRIVERS = ["psycopg", "psycopg2"];

/** @param found - The interpreter whose drivers count. Default: the one that `CELERIAC_PYTHON` names. */
export function findPostgres(
  env: NodeJS.ProcessEnv = process.env,
  found: FoundPython = findPython(env),
): FoundPostgres {
  const { CELERIAC_POSTGRES_URL: server = "" } = env;
  if (server === "") return { missing: "CELERIAC_POSTGRES_URL is not set (pnpm services up postgres)" };
  if ("missing" in found) return found;
  const { path, modules } = found.python;
  const driver = DRIVERS.find((name) => modules.includes(name));
  if (driver === undefined || !modules.includes("sqlalchemy")) {
    return { missing: `${path} cannot import sqlalchemy and psycopg: results in PostgreSQL need them` };
  }
  return { url: server.replace(/^postgres(?:ql)?(?:\+\w+)?:/, `postgresql+${driver}:`), python: path };
}

/** Outside of a transaction: databases cannot be made or dropped within one. */
const PROGRAM = `
import sys, sqlalchemy
with sqlalchemy.create_engine(sys.argv[1], isolation_level="AUTOCOMMIT").connect() as connection:
    connection.exec_driver_sql(sys.argv[2])
`;

/** @throws Error when there is no PostgreSQL, or it refuses to make a database. */
export async function openPostgresStage(found: FoundPostgres = findPostgres()): Promise<PostgresStage> {
  if ("missing" in found) throw new Error(found.missing);
  const name = `interop_${randomUUID().replaceAll("-", "")}`;
  const tell = (statement: string): Promise<void> => runPython(found.python, PROGRAM, [found.url, statement]);
  await tell(`CREATE DATABASE ${name}`);
  const url = found.url.replace(/^(\w+\+\w+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`);
  return { url, [Symbol.asyncDispose]: () => tell(`DROP DATABASE ${name} WITH (FORCE)`) };
}
