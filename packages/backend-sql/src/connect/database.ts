/**
 * The database and its tables: opened when first needed, by whoever needs it first, and shared.
 * @module
 */
import { BackendError, ConfigError } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { DataSource } from "typeorm";
import type { Dialect, DialectName } from "../dialect/dialect.js";
import { DIALECTS } from "../dialect/dialect-table.js";
import type { BackendSettings } from "../options/backend-settings.js";
import { parseSqlUrl } from "../options/sql-url.js";
import type { Layout } from "../tables/layout.js";
import { readyTables } from "../tables/ready-tables.js";
import { createDataSource } from "./open-data-source.js";

/** A database that answers and has its tables. */
export interface OpenedDatabase {
  readonly source: DataSource;
  readonly dialect: Dialect;
  readonly layout: Layout;
}

export interface Database extends AsyncDisposable {
  readonly dialect: Dialect;
  /** Without credentials. */
  readonly description: string;
  /** Whether it has answered, and has its tables. */
  readonly isOpen: boolean;
  /** The same one for all who ask, until opening it fails. */
  open(): Promise<OpenedDatabase>;
}

/**
 * @param from - A URL, or a DataSource that stays the caller's to close.
 * @throws ConfigError for a URL or a DataSource that is none of ours.
 */
export function createDatabase(from: string | DataSource, settings: BackendSettings): Database {
  if (typeof from !== "string") {
    const dialect = dialectOf(from);
    const { database } = from.options;
    const name = typeof database === "string" ? ` ${database}` : "";
    return lazily(
      dialect,
      `${TITLES[dialect.name]}${name}`,
      settings,
      async () => from,
      async () => undefined,
    );
  }
  const target = parseSqlUrl(from);
  const { engine, timeoutMs } = settings;
  const address = target.port === undefined ? target.host : `${target.host ?? "localhost"}:${target.port}`;
  const place = target.dialect === "sqlite" ? target.database : `${address ?? "localhost"}/${target.database ?? ""}`;
  return lazily(
    DIALECTS[target.dialect],
    `${TITLES[target.dialect]} ${place}`,
    settings,
    () => createDataSource({ target, engine, timeoutMs }),
    (source) => source.destroy(),
  );
}

const TITLES: Readonly<Record<DialectName, string>> = { postgres: "PostgreSQL", mysql: "MySQL", sqlite: "SQLite" };
/** Closing waits for connections to be given back, which a dead server may keep from happening. */
const CLOSE_MS = 5_000;

function lazily(
  dialect: Dialect,
  description: string,
  settings: BackendSettings,
  create: () => Promise<DataSource>,
  close: (source: DataSource) => Promise<void>,
): Database {
  let opening: Promise<OpenedDatabase> | undefined;
  let isOpen = false;
  const open = async (): Promise<OpenedDatabase> => {
    const source = await create();
    try {
      const opened = (async () => {
        if (!source.isInitialized) await source.initialize();
        return readyTables(source, dialect, settings);
      })();
      opened.catch(() => undefined); // heard of below, unless the deadline is sooner
      const layout = await withDeadline(opened, { timeoutMs: settings.timeoutMs }, () => {
        return new BackendError(`${description} did not answer in time.`, { code: "BACKEND_TIMEOUT", retryable: true });
      });
      isOpen = true;
      return { source, dialect, layout };
    } catch (error) {
      if (source.isInitialized) close(source).catch(() => undefined);
      throw error;
    }
  };
  return {
    dialect,
    description,
    get isOpen() {
      return isOpen;
    },
    open() {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async [Symbol.asyncDispose]() {
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      if (opened === undefined) return;
      await withDeadline(close(opened.source), { timeoutMs: CLOSE_MS }, () => new Error("It closes too slowly.")).catch(
        () => undefined,
      );
    },
  };
}

function dialectOf(source: DataSource): Dialect {
  switch (source.options.type) {
    case "postgres":
      return DIALECTS.postgres;
    case "mysql":
    case "mariadb":
      return DIALECTS.mysql;
    case "better-sqlite3":
      return DIALECTS.sqlite;
    default: {
      const message = `is a DataSource of type "${source.options.type}"; results go to postgres, mysql, mariadb and better-sqlite3.`;
      throw new ConfigError([{ key: "backend", message }]);
    }
  }
}
