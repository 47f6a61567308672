import type { ColumnTypes, DialectName } from "../dialect/dialect.js";
import { DIALECTS } from "../dialect/dialect-table.js";
import { CELERY_TYPES } from "./celery-types.js";

/** A database, as entities tell them apart: MariaDB takes ids from sequences, MySQL counts in the table. */
export type EntityDialect = "postgres" | "mysql" | "mariadb" | "sqlite";
/** Whose statements made the tables. */
export type TableMaker = "celeriac" | "celery";

/** Where tables are and who made them, as far as entities depend on it. */
export interface EntityServer {
  readonly dialect: EntityDialect;
  readonly madeBy: TableMaker;
  /** How dates without a zone, which are UTC, come from the driver. */
  readonly timezone: "local" | "Z";
}

export function baseDialect(dialect: EntityDialect): DialectName {
  return dialect === "mariadb" ? "mysql" : dialect;
}

export function columnTypesOf({ dialect, madeBy }: EntityServer): ColumnTypes {
  const base = baseDialect(dialect);
  const { types } = DIALECTS[base];
  return madeBy === "celery" ? { ...types, ...CELERY_TYPES[base] } : types;
}

/** Whether typeorm sees that the database gives out the ids: it knows no sequence, and in SQLite it looks for quotes. */
export function givesOutIds({ dialect, madeBy }: EntityServer): boolean {
  return dialect === "mysql" || (dialect === "sqlite" && madeBy === "celeriac");
}
