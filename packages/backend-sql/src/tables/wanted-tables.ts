/**
 * The tables as they should be. The first two are those that SQLAlchemy makes of Celery's models, down to the names of
 * sequences and indexes; wider are only types whose own width loses results (README, "Columns"). `celeriac_extra` is ours: a
 * column that Python neither reads nor writes.
 * @module
 */
import type { ColumnTypes } from "../dialect/dialect.js";
import type { TableName, Tables } from "../options/table-names.js";

/** What Celery's columns have no place for: children, group, parent and stamps of a task; a group as a result tuple. */
export const EXTRA_COLUMN = "celeriac_extra";
/** As wide as Celery's columns for ids and names. */
export const ID_LENGTH = 155;
export const STATUS_LENGTH = 50;

export interface WantedTable {
  readonly name: TableName;
  /** Name and type, without the id. */
  readonly columns: readonly (readonly [string, string])[];
  /** Behind the columns of a new table. */
  readonly constraints: readonly string[];
  /** Columns with an index of their own. */
  readonly indexed: readonly string[];
  /** Where ids come from on databases with sequences; tables without ids have none. */
  readonly sequence: TableName | undefined;
}

/** @param withChords - Whether completions are counted here. */
export function wantedTables(tables: Tables, types: ColumnTypes, withChords: boolean): readonly WantedTable[] {
  const task = taskTable(tables.task, types);
  const group = groupTable(tables.group, types);
  return withChords
    ? [task, group, chordTable(tables.chord, types), entryTable(tables.chordEntry, types)]
    : [task, group];
}

function taskTable(name: TableName, types: ColumnTypes): WantedTable {
  const label = `VARCHAR(${ID_LENGTH})`;
  return {
    name,
    columns: [
      ["task_id", label],
      ["status", `VARCHAR(${STATUS_LENGTH})`],
      ["result", types.bytes],
      ["date_done", types.date],
      ["traceback", types.text],
      ["name", label],
      ["args", types.bytes],
      ["kwargs", types.bytes],
      ["worker", label],
      ["retries", "INTEGER"],
      ["queue", label],
      [EXTRA_COLUMN, types.text],
    ],
    constraints: ["UNIQUE (task_id)"],
    indexed: ["date_done"],
    sequence: { schema: name.schema, name: "task_id_sequence" },
  };
}

function groupTable(name: TableName, types: ColumnTypes): WantedTable {
  return {
    name,
    columns: [
      ["taskset_id", `VARCHAR(${ID_LENGTH})`],
      ["result", types.bytes],
      ["date_done", types.date],
      [EXTRA_COLUMN, types.text],
    ],
    constraints: ["UNIQUE (taskset_id)"],
    indexed: ["date_done"],
    sequence: { schema: name.schema, name: "taskset_id_sequence" },
  };
}

/** Ids are bytes here: any text, and two are one only when they are the same. Times are epoch milliseconds. */
function chordTable(name: TableName, types: ColumnTypes): WantedTable {
  return {
    name,
    columns: [
      ["group_id", `${types.keyBytes} NOT NULL`],
      ["size", "INTEGER"],
      ["members", "INTEGER NOT NULL DEFAULT 0"],
      ["counted", "INTEGER NOT NULL DEFAULT 0"],
      ["finisher", types.keyBytes],
      ["closed", "INTEGER NOT NULL DEFAULT 0"],
      ["touched_at", `${types.bigint} NOT NULL`],
    ],
    constraints: ["PRIMARY KEY (group_id)"],
    indexed: ["touched_at"],
    sequence: undefined,
  };
}

function entryTable(name: TableName, types: ColumnTypes): WantedTable {
  return {
    name,
    columns: [
      ["group_id", `${types.keyBytes} NOT NULL`],
      ["kind", "CHAR(1) NOT NULL"],
      ["task_id", `${types.keyBytes} NOT NULL`],
      ["position", types.bigint],
      ["status", `VARCHAR(${STATUS_LENGTH})`],
      ["result", types.text],
    ],
    constraints: ["PRIMARY KEY (group_id, kind, task_id)"],
    indexed: [],
    sequence: undefined,
  };
}
