/**
 * The databases that the tests run against: PostgreSQL and MariaDB as the environment names them (`pnpm services`), SQLite in
 * a folder of its own.
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataSource, type DataSourceOptions } from "typeorm";
import { createDataSources } from "../../src/connect/open-data-source.js";
import type { DialectName } from "../../src/dialect/dialect.js";
import { parseSqlUrl } from "../../src/options/sql-url.js";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.js";

export interface SqlServer {
  readonly dialect: DialectName;
  readonly title: string;
  /** `undefined` when there is none. */
  readonly url: string | undefined;
}

function serverOf(dialect: DialectName, title: string, variable: string): SqlServer {
  const url = process.env[variable];
  if (url !== undefined && url !== "") return { dialect, title, url };
  const reason = `no ${title}: set ${variable}, or run this in "pnpm services with postgres mariadb python -- ..."`;
  if (process.env.CI === "true") throw new Error(reason);
  console.warn(`Skipped: ${reason}`);
  return { dialect, title, url: undefined };
}

export const POSTGRES: SqlServer = serverOf("postgres", "PostgreSQL", "CELERIAC_POSTGRES_URL");
export const MARIADB: SqlServer = serverOf("mysql", "MariaDB", "CELERIAC_MARIADB_URL");
export const SQLITE: SqlServer = { dialect: "sqlite", title: "SQLite", url: "sqlite:///" };
export const SERVERS: readonly SqlServer[] = [POSTGRES, MARIADB, SQLITE];

/** An empty database of a test file's own, behind a proxy where there is a network. */
export interface TestDatabase {
  readonly dialect: DialectName;
  /** Through the proxy. */
  readonly url: string;
  /** Straight to the server, as others come. */
  readonly directUrl: string;
  readonly proxy: FaultProxy | undefined;
  /** Looks behind the adapter's back. */
  ask(sql: string, parameters?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  drop(): Promise<void>;
}

let count = 0;

export async function createTestDatabase(server: SqlServer): Promise<TestDatabase> {
  if (server.url === undefined) throw new Error(`There is no ${server.title}.`);
  if (server.dialect === "sqlite") return createSqliteFile();
  count += 1;
  const name = `celeriac_test_${process.pid}_${Date.now()}_${count}`;
  const admin = await connect(server.url);
  await admin.query(`CREATE DATABASE ${name}`);
  const directUrl = withPath(server.url, name);
  const proxy = await startFaultProxy(server.url);
  const source = await connect(directUrl);
  return {
    dialect: server.dialect,
    url: directUrl.replace(/@[^/]+\//, `@127.0.0.1:${proxy.port}/`),
    directUrl,
    proxy,
    ask: (sql, parameters = []) => source.query(sql, [...parameters]),
    drop: async () => {
      await proxy.close();
      await source.destroy();
      await admin.query(server.dialect === "postgres" ? `DROP DATABASE ${name} WITH (FORCE)` : `DROP DATABASE ${name}`);
      await admin.destroy();
    },
  };
}

async function createSqliteFile(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "celeriac-sql-"));
  const url = `sqlite:///${join(folder, "results.db")}`;
  const source = await connect(url);
  return {
    dialect: "sqlite",
    url,
    directUrl: url,
    proxy: undefined,
    // As one list, for libsql: see src/connect/sql-connection.ts.
    ask: (sql, parameters = []) => source.query(sql, parameters.length === 0 ? [] : [parameters]),
    drop: async () => {
      await source.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A DataSource for looking; connected. */
export async function connect(url: string): Promise<DataSource> {
  return new DataSource(await planSource(url)).initialize();
}

/** What a DataSource for the URL is made of. */
export async function planSource(url: string): Promise<DataSourceOptions> {
  const engine = { poolSize: 4, recycleMs: undefined, echo: false, driver: {} };
  const onWarning = (message: string): void => {
    throw new Error(message);
  };
  const plain = (await createDataSources({ target: parseSqlUrl(url), engine, timeoutMs: 10_000, onWarning })).at(-1);
  if (plain === undefined) throw new Error(`There is no way to ${url}.`);
  return plain.options;
}

function withPath(url: string, name: string): string {
  const target = new URL(url);
  target.pathname = `/${name}`;
  return target.href;
}
