import type { DialectName } from "../../src/dialect/dialect.js";

/** `{"answer": 42}`, pickled with protocol 2 by Python 2's Celery. */
export const OLD_PICKLE: Buffer = Buffer.from(
  "8002 7d71 0155 0661 6e73 7765 7271 024b 2a73 2e".replaceAll(" ", ""),
  "hex",
);

const TYPES: Readonly<Record<DialectName, { readonly bytes: string; readonly date: string; readonly id: string }>> = {
  postgres: { bytes: "BYTEA", date: "TIMESTAMP WITHOUT TIME ZONE", id: "INTEGER NOT NULL" },
  mysql: { bytes: "BLOB", date: "DATETIME", id: "INTEGER NOT NULL AUTO_INCREMENT" },
  sqlite: { bytes: "BLOB", date: "DATETIME", id: "INTEGER NOT NULL" },
};

/**
 * The tables as Celery 4.3 made them, before `result_extended`: with the SQLAlchemy 1.3 of its time, which on MariaDB knew no
 * sequences and counted in the table.
 */
export function oldTables(dialect: DialectName): readonly string[] {
  const { bytes, date, id } = TYPES[dialect];
  const task = `id ${id}, task_id VARCHAR(155), status VARCHAR(50), result ${bytes}, date_done ${date}, traceback TEXT`;
  const group = `id ${id}, taskset_id VARCHAR(155), result ${bytes}, date_done ${date}`;
  return [
    ...(dialect === "postgres"
      ? ["CREATE SEQUENCE task_id_sequence START WITH 42", "CREATE SEQUENCE taskset_id_sequence"]
      : []),
    `CREATE TABLE celery_taskmeta (${task}, PRIMARY KEY (id), UNIQUE (task_id))`,
    `CREATE TABLE celery_tasksetmeta (${group}, PRIMARY KEY (id), UNIQUE (taskset_id))`,
  ];
}
