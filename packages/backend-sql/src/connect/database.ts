/**
 * The database and its tables: opened when first needed, by whoever needs it first, and shared.
 * @module
 */
import { BackendError } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { DataSource } from "typeorm";
import type { Dialect, DialectName, ServerFacts } from "../dialect/dialect.js";
import { DIALECTS } from "../dialect/dialect-table.js";
import type { BackendSettings } from "../options/backend-settings.js";
import { parseSqlUrl } from "../options/sql-url.js";
import type { Layout } from "../tables/layout.js";
import { readyTables } from "../tables/ready-tables.js";
import { dialectOf } from "./dialect-of.js";
import { openDataSource } from "./open-data-source.js";
import { throwIfGivenUp, withConnection } from "./with-connection.js";

/** A database that answers and has its tables. */
export interface OpenedDatabase {
  readonly source: DataSource;
  readonly dialect: Dialect;
  readonly server: ServerFacts;
  readonly layout: Layout;
}

export interface DatabaseSettings extends BackendSettings {
  /** Whether all columns have to be there: `createResultTables` was asked to make them. */
  readonly isStrict: boolean;
}

export interface Database extends AsyncDisposable {
  readonly dialect: Dialect;
  /** Without credentials. */
  readonly description: string;
  /** Whether it has answered, and has its tables. */
  readonly isOpen: boolean;
  /** The statement that changes tables just now. */
  readonly change: string | undefined;
  /** The same one for all who ask, until opening it fails. */
  open(): Promise<OpenedDatabase>;
}

/**
 * @param from - A URL, or a DataSource that stays the caller's to close.
 * @throws ConfigError for a URL or a DataSource that is none of ours.
 */
export function createDatabase(from: string | DataSource, settings: DatabaseSettings): Database {
  if (typeof from !== "string") {
    const dialect = dialectOf(from);
    const { database } = from.options;
    const name = typeof database === "string" ? ` ${database}` : "";
    const description = `${TITLES[dialect.name]}${name}`;
    return lazily({ dialect, description, settings, connect: initializeOnce(from), close: async () => undefined });
  }
  const target = parseSqlUrl(from);
  const { engine, timeoutMs } = settings;
  const onWarning = once(settings.onWarning);
  const address = target.port === undefined ? target.host : `${target.host ?? "localhost"}:${target.port}`;
  const place = target.dialect === "sqlite" ? target.database : `${address ?? "localhost"}/${target.database ?? ""}`;
  return lazily({
    dialect: DIALECTS[target.dialect],
    description: `${TITLES[target.dialect]} ${place}`,
    settings,
    connect: () => openDataSource({ target, engine, timeoutMs, onWarning }),
    close: (source) => source.destroy(),
  });
}

/** What each attempt to connect would say again. */
function once(onWarning: (message: string) => void): (message: string) => void {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message)) return;
    said.add(message);
    onWarning(message);
  };
}

const TITLES: Readonly<Record<DialectName, string>> = { postgres: "PostgreSQL", mysql: "MySQL", sqlite: "SQLite" };
/** Closing waits for connections to be given back, which a dead server may keep from happening. */
const CLOSE_MS = 5_000;
/** Whoever wants an answer sooner stops waiting; opening goes on for whoever asks next. */
const OPEN_MS = 5_000;

interface LazyOptions {
  readonly dialect: Dialect;
  readonly description: string;
  readonly settings: DatabaseSettings;
  /** Connected. */
  readonly connect: () => Promise<DataSource>;
  readonly close: (source: DataSource) => Promise<void>;
}

function lazily({ dialect, description, settings, connect, close }: LazyOptions): Database {
  const closing = new AbortController();
  let opening: Promise<OpenedDatabase> | undefined;
  let isOpen = false;
  let change: string | undefined;
  const closeQuietly = async (source: DataSource): Promise<void> => {
    const limits = { timeoutMs: CLOSE_MS };
    await withDeadline(close(source), limits, () => new Error("It closes too slowly.")).catch(() => undefined);
  };
  const makeReady = async (signal: AbortSignal): Promise<OpenedDatabase> => {
    const source = await connect();
    const onStatement = (sql: string | undefined): void => {
      if (!signal.aborted) change = sql;
    };
    try {
      throwIfGivenUp(signal);
      const ready = await withConnection({ source, dialect, signal }, (connection) =>
        readyTables(connection, dialect, { ...settings, onStatement }),
      );
      throwIfGivenUp(signal);
      return { source, dialect, ...ready };
    } catch (error) {
      await closeQuietly(source);
      throw error;
    }
  };
  const open = async (): Promise<OpenedDatabase> => {
    const late = new AbortController();
    const limits = { timeoutMs: Math.max(settings.timeoutMs, OPEN_MS), signal: closing.signal };
    const made = makeReady(late.signal);
    try {
      const opened = await withDeadline(made, limits, () => tooLate(description, change));
      isOpen = true;
      return opened;
    } catch (error) {
      late.abort();
      change = undefined;
      // Nobody waits for it any more. What failed has closed what it opened.
      made.then(({ source }) => closeQuietly(source)).catch(() => undefined);
      throw error;
    }
  };
  return {
    dialect,
    description,
    get isOpen() {
      return isOpen;
    },
    get change() {
      return change;
    },
    open() {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new BackendError(`${description} was closed on this side.`, { code: "BACKEND_CLOSED" }));
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      if (opened !== undefined) await closeQuietly(opened.source);
    },
  };
}

/** A DataSource of the caller's, connected once, however often it is asked for. */
function initializeOnce(source: DataSource): () => Promise<DataSource> {
  let initializing: Promise<DataSource> | undefined;
  return async () => {
    if (source.isInitialized) return source;
    initializing ??= source.initialize().finally(() => {
      initializing = undefined;
    });
    return initializing;
  };
}

function tooLate(description: string, change: string | undefined): BackendError {
  const doing = change === undefined ? "" : ` while making the tables of results: ${change}`;
  const message = `${description} did not answer in time${doing}.`;
  return new BackendError(message, { code: "BACKEND_TIMEOUT", retryable: true });
}
