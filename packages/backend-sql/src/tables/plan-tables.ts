import { type Dialect, type FoundColumn, type ServerFacts, tablePath } from "../dialect/dialect.js";
import { plainStatement, type Statement } from "../dialect/statement.js";
import type { TableLayout } from "./layout.js";
import { columnType, indexName, type WantedColumn, type WantedTable } from "./wanted-tables.js";

/** A table as it was found. */
export interface FoundTable {
  /** Empty when there is no such table. */
  readonly columns: readonly FoundColumn[];
  readonly hasSequence: boolean;
  /** Highest id in a table whose ids come from nowhere yet. */
  readonly highestId: number;
}

/** A statement that makes a table, or adds to one. */
export interface TableChange extends Statement {
  /** Whether results are kept without it too, though not all of each: see `layoutOf`. */
  readonly isDispensable: boolean;
}

/**
 * What turns the found table into the wanted one, in order: nothing when it is as wanted. Only what is done at once
 * however many rows there are: an existing column is never changed, and an existing table gets no index.
 * @param alwaysSequence - Whether a table that gives out ids by itself gets a sequence too, from which Celery 5 takes them.
 */
export function planTable(
  dialect: Dialect,
  server: ServerFacts,
  wanted: WantedTable,
  found: FoundTable,
  alwaysSequence = false,
): readonly TableChange[] {
  const changes: TableChange[] = [];
  const add = (sql: string, isDispensable = false): void => {
    changes.push({ ...plainStatement(sql), isDispensable });
  };
  const exists = found.columns.length > 0;
  const path = tablePath(dialect, wanted.name);
  const sequence = server.hasSequences ? wanted.sequence : undefined;
  if (sequence !== undefined && !found.hasSequence && (alwaysSequence || !exists || !fillsId(found))) {
    const start = found.highestId === 0 ? "" : ` START WITH ${found.highestId + 1}`;
    add(`CREATE SEQUENCE IF NOT EXISTS ${tablePath(dialect, sequence)}${start}`);
  }
  if (exists) {
    const names = new Set(found.columns.map(({ name }) => name));
    for (const column of wanted.columns.filter(({ name }) => !names.has(name))) {
      add(`ALTER TABLE ${path} ADD COLUMN ${columnText(dialect, column)}`, column.isDispensable);
    }
  } else for (const sql of createText(dialect, server, wanted)) add(sql);
  return changes;
}

function createText(dialect: Dialect, server: ServerFacts, wanted: WantedTable): readonly string[] {
  const path = tablePath(dialect, wanted.name);
  const parts = wanted.columns.map((column) => columnText(dialect, column));
  if (wanted.sequence !== undefined) {
    parts.unshift(`${dialect.quote("id")} ${server.hasSequences ? `${dialect.types.id} NOT NULL` : dialect.filledId}`);
  }
  const isKeyed = wanted.sequence !== undefined && !server.hasSequences && dialect.filledId.includes("PRIMARY KEY");
  if (!isKeyed) parts.push(`PRIMARY KEY (${wanted.primaryKey.join(", ")})`);
  if (wanted.unique !== undefined) parts.push(`UNIQUE (${wanted.unique})`);
  const indexes = wanted.indexed.map((column) => {
    // In SQLite and PostgreSQL the index lives beside its table, and SQLite wants its schema on it.
    const name = indexName(wanted.name, column);
    const place = dialect.name === "sqlite" && wanted.name.schema !== undefined;
    const index = place ? tablePath(dialect, { schema: wanted.name.schema, name }) : dialect.quote(name);
    const table = place ? dialect.quote(wanted.name.name) : path;
    return `CREATE INDEX ${index} ON ${table} (${dialect.quote(column)})`;
  });
  return [`CREATE TABLE ${path} (${parts.join(", ")})${server.tableSuffix}`, ...indexes];
}

function columnText(dialect: Dialect, column: WantedColumn): string {
  const need = column.isRequired ? " NOT NULL" : "";
  const fallback = column.default === undefined ? "" : ` DEFAULT ${column.default}`;
  return `${dialect.quote(column.name)} ${columnType(column.kind, dialect.types)}${need}${fallback}`;
}

/** What may be written to a table that is as found. */
export function layoutOf(dialect: Dialect, server: ServerFacts, wanted: WantedTable, found: FoundTable): TableLayout {
  // Python takes ids from the sequence if there is one, whatever the table does: two sources would give the same id twice.
  const takesSequence = server.hasSequences && (found.hasSequence || !fillsId(found));
  return {
    path: tablePath(dialect, wanted.name),
    columns: new Set(found.columns.map(({ name }) => name)),
    id: takesSequence && wanted.sequence !== undefined ? dialect.nextValue(wanted.sequence) : undefined,
  };
}

function fillsId(found: FoundTable): boolean {
  return found.columns.some(({ name, isFilled }) => name === "id" && isFilled);
}
