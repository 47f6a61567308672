import type { Dialect } from "../dialect/dialect.js";
import type { SqlValue, Statement } from "../dialect/statement.js";
import type { TableLayout } from "../tables/layout.js";
import { EXTRA_COLUMN } from "../tables/wanted-tables.js";
import type { ResultRow } from "./result-row.js";

/** The key first, as `Upsert` wants it. */
const COLUMNS = [
  ...["task_id", "status", "result", "date_done", "traceback"],
  ...["name", "args", "kwargs", "worker", "retries", "queue", EXTRA_COLUMN],
];

/**
 * Stores rows of different tasks, each unless its task has SUCCESS already.
 * @param channel - Of PostgreSQL: the ids of those that were stored are sent there when they are committed.
 */
export function storeResults(
  dialect: Dialect,
  table: TableLayout,
  rows: readonly ResultRow[],
  channel: string | undefined,
): Statement {
  const columns = COLUMNS.filter((column) => table.columns.has(column));
  const values = rows.map((row) => columns.map((column): SqlValue => row[column] ?? null));
  const final = { column: "status", value: "SUCCESS" };
  const { sql, parameters } = dialect.upsert({
    into: table.path,
    key: ["task_id"],
    columns,
    rows: values,
    id: table.id,
    final,
  });
  if (channel === undefined) return { sql, parameters };
  return {
    sql: `WITH stored AS (${sql} RETURNING task_id) SELECT pg_notify($${parameters.length + 1}, task_id) FROM stored`,
    parameters: [...parameters, channel],
  };
}

/** Whole rows of the tasks, each with its mark. */
export function selectResults(dialect: Dialect, table: TableLayout, taskIds: readonly string[]): Statement {
  const fields = COLUMNS.filter((column) => table.columns.has(column)).map((column) =>
    column === "date_done" ? `${dialect.dateText(column)} AS date_done` : dialect.quote(column),
  );
  return selectOf(dialect, table, [...fields, `${dialect.mark} AS mark`], taskIds);
}

/** `task_id` and `mark` of the tasks. */
export function selectMarks(dialect: Dialect, table: TableLayout, taskIds: readonly string[]): Statement {
  return selectOf(dialect, table, ["task_id", `${dialect.mark} AS mark`], taskIds);
}

function selectOf(
  dialect: Dialect,
  table: TableLayout,
  fields: readonly string[],
  taskIds: readonly string[],
): Statement {
  const draft = dialect.draft();
  const where = dialect.isOneOf("task_id", taskIds, draft);
  return draft.done(`SELECT ${fields.join(", ")} FROM ${table.path} WHERE ${where}`);
}
