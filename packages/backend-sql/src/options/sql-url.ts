/**
 * Reads the database out of a URL as Celery and SQLAlchemy write it: `db+postgresql+psycopg2://user:password@host/name`.
 * The Python driver in it is passed over.
 * @module
 */
import { ConfigError } from "@celeriac/core/errors";
import type { DialectName } from "../dialect/dialect.js";

/** A database, as a URL names it. */
export interface SqlTarget {
  readonly dialect: DialectName;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Name of the database; for SQLite the file, or `:memory:`. */
  readonly database: string | undefined;
  /** What stands behind the question mark. */
  readonly query: Readonly<Record<string, string>>;
}

const DRIVERS: Readonly<Record<string, readonly [DialectName, readonly string[]]>> = {
  postgresql: ["postgres", ["psycopg2", "psycopg", "psycopg2cffi", "asyncpg", "pg8000", "pygresql"]],
  postgres: ["postgres", []],
  mysql: ["mysql", ["pymysql", "mysqldb", "mysqlconnector", "asyncmy", "aiomysql", "cymysql", "mariadbconnector"]],
  mariadb: ["mysql", ["pymysql", "mysqldb", "mysqlconnector", "asyncmy", "aiomysql", "mariadbconnector"]],
  sqlite: ["sqlite", ["pysqlite", "aiosqlite"]],
};

/** Every scheme that `sqlBackend.fromUrl` takes, without `://`. */
export const SQL_SCHEMES: readonly string[] = Object.entries(DRIVERS).flatMap(([name, [, drivers]]) =>
  [name, ...drivers.map((driver) => `${name}+${driver}`)].flatMap((scheme) => [`db+${scheme}`, scheme]),
);

const FORM =
  /^([a-z0-9+]+):\/\/(?:([^:/@]*)(?::([^@]*))?@)?(?:\[([^\]]+)\]|([^/:?@]*))(?::(\d+))?(?:\/([^?]*))?(?:\?(.*))?$/i;

/** @throws ConfigError that names no credentials. */
export function parseSqlUrl(url: string): SqlTarget {
  const match = FORM.exec(url);
  const scheme = (url.split(":", 1)[0] ?? "").toLowerCase().replace(/^db\+/, "");
  const dialect = DRIVERS[scheme.split("+", 1)[0] ?? ""]?.[0];
  if (match === null || dialect === undefined) {
    const form = "[db+]postgresql://user:password@host:port/database, mysql://... or sqlite:///file";
    throw refusal(`"${scheme}://..." is not of the form ${form}. Write @, : and / in a password as %40, %3A and %2F.`);
  }
  const [, , username, password, ipv6, host, port, path, rawQuery] = match;
  const query = Object.fromEntries(new URLSearchParams(rawQuery ?? ""));
  if (dialect === "sqlite") return { ...sqliteTarget(host, path), query };
  return {
    dialect,
    host: ipv6 ?? decoded(host),
    port: port === undefined ? undefined : Number(port),
    username: decoded(username),
    password: decoded(password),
    database: decoded(path),
    query,
  };
}

function sqliteTarget(host: string | undefined, path: string | undefined): Omit<SqlTarget, "query"> {
  if (host !== undefined && host !== "") {
    throw refusal(
      `sqlite://${host}/... has one slash too few: sqlite:///file.db is relative, sqlite:////file.db absolute.`,
    );
  }
  const none = { host: undefined, port: undefined, username: undefined, password: undefined };
  return { dialect: "sqlite", ...none, database: path === undefined || path === "" ? ":memory:" : path };
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal("the URL has a percent sign that escapes nothing; write it as %25.");
  }
}

function refusal(message: string): ConfigError {
  return new ConfigError([{ key: "result_backend", message }]);
}
