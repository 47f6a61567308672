/**
 * Finds the tables, and creates what is missing.
 * @module
 */
import type { SqlConnection } from "../connect/sql-connection.js";
import type { Dialect, ServerFacts } from "../dialect/dialect.js";
import type { TableName, Tables } from "../options/table-names.js";
import { type CreateMissingOptions, createMissing } from "./create-missing.js";
import type { Layout, TableLayout } from "./layout.js";
import { openTableFinder, type TableFinder } from "./table-finder.js";
import { type WantedTable, wantedTables } from "./wanted-tables.js";

export interface ReadyTablesOptions
  extends Pick<CreateMissingOptions, "isStrict" | "timeoutMs" | "onStatement" | "onWarning"> {
  readonly tables: Tables;
  readonly nativeChords: boolean;
  readonly createTables: boolean;
}

export interface ReadyTables {
  readonly server: ServerFacts;
  readonly layout: Layout;
}

/** @throws BackendError when the server is too old, or a table is missing and may not be created. */
export async function readyTables(
  connection: SqlConnection,
  dialect: Dialect,
  options: ReadyTablesOptions,
): Promise<ReadyTables> {
  const finder = await openTableFinder(connection, dialect);
  const wanted = wantedTables(options.tables, options.nativeChords);
  if (options.createTables) await createMissing({ ...options, finder, connection, dialect, wanted });
  return { server: finder.server, layout: await readLayout(finder, wanted, options.tables) };
}

async function readLayout(finder: TableFinder, wanted: readonly WantedTable[], tables: Tables): Promise<Layout> {
  const layouts = new Map<TableName, TableLayout>();
  for (const table of wanted) layouts.set(table.name, await finder.layout(table));
  const absent = (name: TableName): TableLayout => ({ path: name.name, columns: new Set(), id: undefined });
  const layout = (name: TableName): TableLayout => layouts.get(name) ?? absent(name);
  const { task, group, chord, chordEntry } = tables;
  return { task: layout(task), group: layout(group), chord: layout(chord), chordEntry: layout(chordEntry) };
}
