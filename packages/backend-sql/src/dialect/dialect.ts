/**
 * Where PostgreSQL, MySQL and SQLite differ. Everything here is text or data; nothing is sent.
 * @module
 */
import type { TableName } from "../options/table-names.js";
import type { SqlValue, Statement, StatementDraft } from "./statement.js";

export type DialectName = "postgres" | "mysql" | "sqlite";

/** Rows that are inserted or, where their key is there already, update what is there. */
export interface Upsert {
  /** Quoted. */
  readonly into: string;
  /** Names of the key's columns; the first of `columns`. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** One value per column. */
  readonly rows: readonly (readonly SqlValue[])[];
  /** What the `id` of a new row is, where the table does not know by itself: `nextval('task_id_sequence')`. */
  readonly id?: string | undefined;
  /** A row whose column has this value already stays as it is. */
  readonly final?: { readonly column: string; readonly value: string };
}

/** A column as found in a database. */
export interface FoundColumn {
  readonly name: string;
  /** Whether the database fills it in by itself. */
  readonly isFilled: boolean;
}

/** A server, as far as statements depend on it. */
export interface ServerFacts {
  /** For people. */
  readonly version: string;
  /** Whether ids come from sequences, as SQLAlchemy has it here. */
  readonly hasSequences: boolean;
  /** What a table of ours has behind its columns. */
  readonly tableSuffix: string;
  /** Longest statement in bytes, with its values; `undefined` where that is no concern. */
  readonly maxStatementBytes: number | undefined;
}

/** Types of columns; wider than SQLAlchemy's where its own lose results. See README, "Columns". */
export interface ColumnTypes {
  readonly id: string;
  readonly bytes: string;
  /** Bytes that can be part of a key. */
  readonly keyBytes: string;
  readonly text: string;
  readonly date: string;
  readonly bigint: string;
}

/** Statements before the transaction, at its beginning, and behind it. */
export interface TableLock {
  readonly before: readonly string[];
  readonly inside: readonly string[];
  readonly after: readonly string[];
}

export interface Dialect {
  readonly name: DialectName;
  readonly types: ColumnTypes;
  /** Rows per statement; keeps it below every limit on parameters. */
  readonly maxRows: number;
  /** What begins a transaction in which a row, once locked, is read as it is now. */
  readonly begin: readonly string[];
  draft(): StatementDraft;
  quote(name: string): string;
  upsert(upsert: Upsert): Statement;
  /** `column` is one of the texts. */
  isOneOf(column: string, values: readonly string[], draft: StatementDraft): string;
  /** A date as text that `readDateMs` reads, whatever the driver makes of dates. */
  dateText(column: string): string;
  /** Text that is another one after every store into a task's row: of its state, its date, and what tells results apart. */
  readonly mark: string;
  /** Deletes some of the rows that `where` selects; how many is said by `affected`. */
  deleteSome(table: string, where: string, limit: number, draft: StatementDraft): Statement;
  /** Locks the selected rows until the transaction ends. Behind a SELECT. */
  readonly forUpdate: string;

  /** How long a statement is on its way, values included, in bytes; asked where `maxStatementBytes` is a concern. */
  sizeOf(statement: Statement): number;
  /** Asks for `version`, `mode` and, where it matters, `packet`; answered to `readServer`. */
  readonly askServer: Statement;
  /** @throws BackendError when the server is too old or set up so that we cannot work. */
  readServer(row: Readonly<Record<string, unknown>>): ServerFacts;
  /** Asks for `name` and `isFilled` of every column of a table; no rows when there is no such table. */
  askColumns(table: TableName): Statement;
  /** Asks for one row when the sequence is there. */
  askSequence(sequence: TableName): Statement;
  /** The expression that takes the next value. */
  nextValue(sequence: TableName): string;
  /**
   * Keeps others who create tables away.
   * @param waitMs - How long statements may wait for those who use a table, where that can be said: whoever comes behind one
   * that waits, to read too, has to wait as well.
   */
  tableLock(waitMs: number | undefined): TableLock;
  /** The id column of a new table that takes ids from nowhere else. */
  readonly filledId: string;
}

/** Quoted, with its schema. */
export function tablePath(dialect: Dialect, table: TableName): string {
  const name = dialect.quote(table.name);
  return table.schema === undefined ? name : `${dialect.quote(table.schema)}.${name}`;
}

/** `INSERT INTO t (...) VALUES (...), (...)`, which the three have in common. */
export function insertText(dialect: Dialect, upsert: Upsert, draft: StatementDraft, alias = ""): string {
  const names = upsert.columns.map((column) => dialect.quote(column));
  if (upsert.id !== undefined) names.unshift(dialect.quote("id"));
  const tuples = upsert.rows.map((row) => {
    const tuple = draft.tuple(row);
    return upsert.id === undefined ? tuple : `(${upsert.id}, ${tuple.slice(1)}`;
  });
  return `INSERT INTO ${upsert.into}${alias} (${names.join(", ")}) VALUES ${tuples.join(", ")}`;
}

/** The update half as standard upserts have it: PostgreSQL and SQLite. */
export function onConflictText(dialect: Dialect, upsert: Upsert, draft: StatementDraft): string {
  const key = upsert.key.map((column) => dialect.quote(column)).join(", ");
  const changed = upsert.columns
    .filter((column) => !upsert.key.includes(column))
    .map((column) => dialect.quote(column));
  const updates = changed.map((column) => `${column} = excluded.${column}`).join(", ");
  if (upsert.final === undefined) return ` ON CONFLICT (${key}) DO UPDATE SET ${updates}`;
  const { column, value } = upsert.final;
  const condition = `COALESCE(kept.${dialect.quote(column)}, '') <> ${draft.bind(value)}`;
  return ` ON CONFLICT (${key}) DO UPDATE SET ${updates} WHERE ${condition}`;
}
