/**
 * The tables as they should be: the one description from which the statements that make them, the migrations and typeorm's
 * entities are derived. The first two are those that SQLAlchemy makes of Celery's models, down to the names of sequences and
 * indexes. `celeriac_extra` is ours: a column that Python neither reads nor writes.
 * @module
 */
import type { ColumnTypes } from "../dialect/dialect.js";
import type { TableName, Tables } from "../options/table-names.js";

/** What Celery's columns have no place for: children, group, parent and stamps of a task; a group as a result tuple. */
export const EXTRA_COLUMN = "celeriac_extra";
/** As wide as Celery's columns for ids and names. */
export const ID_LENGTH = 155;
export const STATUS_LENGTH = 50;

/** What a column holds; which type that is, the dialect says, unless it is the same everywhere. */
export type ColumnKind = keyof ColumnTypes | "label" | "status" | "integer" | "letter";

export interface WantedColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Whether it is never null. */
  readonly isRequired: boolean;
  /** What it is when nothing is said. */
  readonly default?: number;
  /** Whether older tables lack it and keep results all the same. */
  readonly isDispensable?: boolean;
}

export interface WantedTable {
  readonly name: TableName;
  /** Without the id. */
  readonly columns: readonly WantedColumn[];
  /** Names of the columns of the primary key; `id` where ids are given out. */
  readonly primaryKey: readonly string[];
  /** A column in which no value comes twice. */
  readonly unique: string | undefined;
  /** Columns with an index of their own. */
  readonly indexed: readonly string[];
  /** Where ids come from on databases with sequences; tables without ids have none. */
  readonly sequence: TableName | undefined;
}

const WIDTHS = {
  label: `VARCHAR(${ID_LENGTH})`,
  status: `VARCHAR(${STATUS_LENGTH})`,
  integer: "INTEGER",
  letter: "VARCHAR(1)",
} as const;

/** The type of a column as SQL has it, without what may follow: `VARCHAR(155)`. */
export function columnType(kind: ColumnKind, types: ColumnTypes): string {
  return { ...WIDTHS, ...types }[kind];
}

/** The name that SQLAlchemy gives to the index of a column, as long as PostgreSQL keeps whole. */
export function indexName(table: TableName, column: string): string {
  return `ix_${table.name}_${column}`.slice(0, 63);
}

/** @param withChords - Whether completions are counted here. */
export function wantedTables(tables: Tables, withChords: boolean): readonly WantedTable[] {
  const celery = [taskTable(tables.task), groupTable(tables.group)];
  return withChords ? [...celery, ...chordTables(tables)] : celery;
}

/** The tables in which completions of chords are counted; Celery has none of them. */
export function chordTables(tables: Tables): readonly WantedTable[] {
  return [chordTable(tables.chord), entryTable(tables.chordEntry)];
}

/** Whether Celery knows nothing of the column. */
export function isOwnColumn(name: string): boolean {
  return name === EXTRA_COLUMN;
}

/** The table as Celery has it. */
export function withoutOwnColumns(table: WantedTable): WantedTable {
  return { ...table, columns: table.columns.filter(({ name }) => !isOwnColumn(name)) };
}

function taskTable(name: TableName): WantedTable {
  return {
    name,
    columns: [
      optional("task_id", "label"),
      optional("status", "status"),
      optional("result", "bytes"),
      optional("date_done", "date"),
      optional("traceback", "text"),
      dispensable("name", "label"),
      dispensable("args", "bytes"),
      dispensable("kwargs", "bytes"),
      dispensable("worker", "label"),
      dispensable("retries", "integer"),
      dispensable("queue", "label"),
      dispensable(EXTRA_COLUMN, "text"),
    ],
    primaryKey: ["id"],
    unique: "task_id",
    indexed: ["date_done"],
    sequence: { schema: name.schema, name: "task_id_sequence" },
  };
}

function groupTable(name: TableName): WantedTable {
  return {
    name,
    columns: [
      optional("taskset_id", "label"),
      optional("result", "bytes"),
      optional("date_done", "date"),
      dispensable(EXTRA_COLUMN, "text"),
    ],
    primaryKey: ["id"],
    unique: "taskset_id",
    indexed: ["date_done"],
    sequence: { schema: name.schema, name: "taskset_id_sequence" },
  };
}

/** Ids are bytes here: any text, and two are one only when they are the same. Times are epoch milliseconds. */
function chordTable(name: TableName): WantedTable {
  return {
    name,
    columns: [
      required("group_id", "keyBytes"),
      optional("size", "integer"),
      { ...required("members", "integer"), default: 0 },
      { ...required("counted", "integer"), default: 0 },
      optional("finisher", "keyBytes"),
      { ...required("closed", "integer"), default: 0 },
      required("touched_at", "bigint"),
    ],
    primaryKey: ["group_id"],
    unique: undefined,
    indexed: ["touched_at"],
    sequence: undefined,
  };
}

function entryTable(name: TableName): WantedTable {
  return {
    name,
    columns: [
      required("group_id", "keyBytes"),
      required("kind", "letter"),
      required("task_id", "keyBytes"),
      optional("position", "bigint"),
      optional("status", "status"),
      optional("result", "text"),
    ],
    primaryKey: ["group_id", "kind", "task_id"],
    unique: undefined,
    indexed: [],
    sequence: undefined,
  };
}

function optional(name: string, kind: ColumnKind): WantedColumn {
  return { name, kind, isRequired: false };
}

function required(name: string, kind: ColumnKind): WantedColumn {
  return { name, kind, isRequired: true };
}

function dispensable(name: string, kind: ColumnKind): WantedColumn {
  return { ...optional(name, kind), isDispensable: true };
}
