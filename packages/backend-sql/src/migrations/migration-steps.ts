/**
 * What migrations do. Each step looks first and changes only what is not as it should be, so it may be repeated: on MySQL every
 * statement that changes tables commits at once, whatever typeorm's transaction.
 * @module
 */
import { BackendError } from "@celeriac/core/errors";
import type { QueryRunner } from "typeorm";
import { dialectOf } from "../connect/dialect-of.js";
import { createConnection, type SqlConnection } from "../connect/sql-connection.js";
import { type Dialect, tablePath } from "../dialect/dialect.js";
import { plainStatement } from "../dialect/statement.js";
import { openTableFinder, type TableFinder } from "../tables/table-finder.js";
import { lockTables } from "../tables/table-lock.js";
import { isOwnColumn, type WantedTable } from "../tables/wanted-tables.js";

interface MigrationContext {
  readonly connection: SqlConnection;
  readonly dialect: Dialect;
  readonly finder: TableFinder;
}

export type MigrationWork = (context: MigrationContext) => Promise<void>;

/** @throws BackendError, ConfigError, or the error of typeorm, which rolls back. */
export async function runMigration(runner: QueryRunner, work: MigrationWork): Promise<void> {
  const dialect = dialectOf(runner.dataSource);
  const connection = createConnection(runner, dialect);
  const finder = await openTableFinder(connection, dialect);
  await lockTables(connection, dialect, () => work({ connection, dialect, finder }), {
    isInTransaction: runner.isTransactionActive,
  });
}

/** Makes the tables that are not there. */
export function createAbsent(tables: readonly WantedTable[]): MigrationWork {
  return async ({ connection, finder }) => {
    for (const table of tables) {
      const { columns } = await finder.find(table);
      const statements = columns.length === 0 ? await finder.plan(table) : [];
      for (const statement of statements) await connection.ask(statement);
    }
  };
}

/**
 * Makes the tables that are not there, and the columns that the others lack. A table that counts by itself, as MariaDB's did before
 * SQLAlchemy 1.4, gets the sequence without which Celery 5 cannot store into it.
 */
export function addMissing(tables: readonly WantedTable[]): MigrationWork {
  return async ({ connection, finder }) => {
    for (const table of tables) {
      for (const statement of await finder.plan(table, true)) await connection.ask(statement);
    }
  };
}

/** Drops the columns that only we have. */
export function dropOwnColumns(tables: readonly WantedTable[]): MigrationWork {
  return async ({ connection, dialect, finder }) => {
    for (const table of tables) {
      const { columns } = await finder.find(table);
      for (const { name } of columns.filter((column) => isOwnColumn(column.name))) {
        const path = tablePath(dialect, table.name);
        await connection.ask(plainStatement(`ALTER TABLE ${path} DROP COLUMN ${dialect.quote(name)}`));
      }
    }
  };
}

/** Drops the tables, or none of them when there are rows in one. */
export function dropEmpty(tables: readonly WantedTable[]): MigrationWork {
  return async ({ connection, dialect, finder }) => {
    const paths: string[] = [];
    for (const table of tables) {
      const { columns } = await finder.find(table);
      if (columns.length > 0) paths.push(tablePath(dialect, table.name));
    }
    for (const path of paths) {
      const { rows } = await connection.ask(plainStatement(`SELECT 1 AS found FROM ${path} LIMIT 1`));
      if (rows.length > 0) throw refuseDrop(path);
    }
    for (const path of paths) await connection.ask(plainStatement(`DROP TABLE ${path}`));
  };
}

function refuseDrop(path: string): BackendError {
  const message = `Undoing this migration would drop ${path}, in which there are rows, perhaps from before it ran. Delete them first.`;
  return new BackendError(message, { code: "BACKEND_REFUSED" });
}
