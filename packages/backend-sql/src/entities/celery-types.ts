import type { ColumnTypes, DialectName } from "../dialect/dialect.js";

/**
 * Where the types of a table that SQLAlchemy made of Celery's models differ from ours. README, "Columns".
 * @see Celery `backends/database/models.py`
 */
export const CELERY_TYPES: Readonly<Record<DialectName, Partial<ColumnTypes>>> = {
  postgres: { id: "INTEGER" },
  mysql: { id: "INTEGER", bytes: "BLOB", text: "TEXT", date: "DATETIME" },
  sqlite: {},
};
