/**
 * Loads the client library of a database from where this package stands, not from where typeorm does.
 * @module
 */
import { ConfigError } from "@celeriac/core/errors";
import type { DialectName } from "../dialect/dialect.js";

/** Imports a package by name; replaced in tests. */
export type ImportPackage = (name: string) => Promise<unknown>;

const importPackage: ImportPackage = (name) => import(name);

/**
 * @returns What typeorm wants as `driver`.
 * @throws ConfigError naming the package to install.
 */
export async function loadDriver(dialect: DialectName, load: ImportPackage = importPackage): Promise<unknown> {
  if (dialect === "postgres") return named("PostgreSQL", "pg", load);
  if (dialect === "mysql") return named("MySQL", "mysql2", load);
  const reasons: string[] = [];
  // libsql has the same interface and brings its binary: for where better-sqlite3 is absent, or could not be compiled.
  for (const name of ["better-sqlite3", "libsql"]) {
    try {
      return provenSqlite(exportOf(await load(name)));
    } catch (error) {
      reasons.push(`${name}: ${firstLine(error)}`);
    }
  }
  throw missing("SQLite", "better-sqlite3 or libsql", "better-sqlite3@12", reasons.join("; "));
}

async function named(title: string, name: string, load: ImportPackage): Promise<unknown> {
  try {
    return exportOf(await load(name));
  } catch (error) {
    throw missing(title, name, name, firstLine(error));
  }
}

/** These libraries are CommonJS. */
function exportOf(module: unknown): unknown {
  return typeof module === "object" && module !== null && "default" in module ? module.default : module;
}

/** The class, once it has opened a database: without its binary it fails only then. */
function provenSqlite(Database: unknown): unknown {
  if (typeof Database !== "function") throw new TypeError("it exports no class");
  const opened: unknown = Reflect.construct(Database, [":memory:"]);
  if (typeof opened === "object" && opened !== null && "close" in opened && typeof opened.close === "function") {
    opened.close();
  }
  return Database;
}

function missing(title: string, names: string, example: string, reason: string): ConfigError {
  const message = `results in ${title} need the package ${names}: npm install ${example} (${reason}).`;
  return new ConfigError([{ key: "result_backend", message }]);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
