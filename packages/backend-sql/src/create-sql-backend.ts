import type { AdapterContext, BackendFactory, ResultBackend } from "@celeriac/core/ports";
import type { DataSource } from "typeorm";
import { createDatabase } from "./connect/database.js";
import { parseBackendOptions, readBackendOptions, type SqlBackendOptions } from "./options/backend-settings.js";
import { SQL_SCHEMES } from "./options/sql-url.js";
import { SqlBackend } from "./sql-backend.js";

/** `sqlBackend(...)`, which is also the factory that claims `db+postgresql://` and its like. */
export interface SqlBackendFunction extends BackendFactory {
  /**
   * A result backend in PostgreSQL, MySQL, MariaDB or SQLite. No I/O before the first call.
   * @param source - URL as Celery or SQLAlchemy write it, or a typeorm DataSource that stays the caller's to close; it is
   * initialized at first use if it is not.
   * @throws ConfigError for a bad URL or bad options, all problems at once. A missing driver package is one too, which the
   * first call throws.
   */
  (source: string | DataSource, options?: SqlBackendOptions): ResultBackend;
}

function create(source: string | DataSource, options: SqlBackendOptions = {}): ResultBackend {
  const settings = parseBackendOptions(options);
  return new SqlBackend(createDatabase(source, { ...settings, isStrict: false }), settings);
}

function fromUrl(url: string, context: AdapterContext): ResultBackend {
  return create(url, readBackendOptions(context));
}

/** @see SqlBackendFunction */
export const sqlBackend: SqlBackendFunction = /* @__PURE__ */ Object.assign(create, {
  role: "backend" as const,
  schemes: SQL_SCHEMES,
  fromUrl,
});

/**
 * Creates the tables that are missing, and the columns that older ones lack: for deployments whose workers may not, with
 * `createTables: false` there. Safe to run again, and by several at once.
 * @throws ConfigError, BackendError
 */
export async function createResultTables(source: string | DataSource, options: SqlBackendOptions = {}): Promise<void> {
  const settings = parseBackendOptions({ ...options, createTables: true });
  await using database = createDatabase(source, { ...settings, isStrict: true });
  await database.open();
}
