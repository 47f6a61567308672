import { type Dialect, type FoundColumn, type ServerFacts, tablePath } from "../dialect/dialect.js";
import { plainStatement, type Statement } from "../dialect/statement.js";
import type { TableLayout } from "./layout.js";
import type { WantedTable } from "./wanted-tables.js";

/** A table as it was found. */
export interface FoundTable {
  /** Empty when there is no such table. */
  readonly columns: readonly FoundColumn[];
  readonly hasSequence: boolean;
  /** Highest id in a table whose ids come from nowhere yet. */
  readonly highestId: number;
}

/**
 * What turns the found table into the wanted one, in order: nothing when it is as wanted. Only what is done at once
 * however many rows there are: an existing column is never changed, and an existing table gets no index.
 */
export function planTable(
  dialect: Dialect,
  server: ServerFacts,
  wanted: WantedTable,
  found: FoundTable,
): readonly Statement[] {
  const statements: string[] = [];
  const exists = found.columns.length > 0;
  const path = tablePath(dialect, wanted.name);
  const sequence = server.hasSequences ? wanted.sequence : undefined;
  if (sequence !== undefined && !found.hasSequence && !(exists && fillsId(found))) {
    const start = found.highestId === 0 ? "" : ` START WITH ${found.highestId + 1}`;
    statements.push(`CREATE SEQUENCE IF NOT EXISTS ${tablePath(dialect, sequence)}${start}`);
  }
  if (exists) {
    const names = new Set(found.columns.map(({ name }) => name));
    for (const [name, type] of wanted.columns) {
      if (!names.has(name)) statements.push(`ALTER TABLE ${path} ADD COLUMN ${dialect.quote(name)} ${type}`);
    }
  } else statements.push(...createText(dialect, server, wanted));
  return statements.map(plainStatement);
}

function createText(dialect: Dialect, server: ServerFacts, wanted: WantedTable): readonly string[] {
  const path = tablePath(dialect, wanted.name);
  const parts = wanted.columns.map(([name, type]) => `${dialect.quote(name)} ${type}`);
  if (wanted.sequence !== undefined) {
    const isKeyed = dialect.filledId.includes("PRIMARY KEY");
    parts.unshift(`${dialect.quote("id")} ${server.hasSequences ? `${dialect.types.id} NOT NULL` : dialect.filledId}`);
    if (server.hasSequences || !isKeyed) parts.push("PRIMARY KEY (id)");
  }
  const indexes = wanted.indexed.map((column) => {
    // In SQLite and PostgreSQL the index lives beside its table, and SQLite wants its schema on it.
    const name = `ix_${wanted.name.name}_${column}`.slice(0, 63);
    const place = dialect.name === "sqlite" && wanted.name.schema !== undefined;
    const index = place ? tablePath(dialect, { schema: wanted.name.schema, name }) : dialect.quote(name);
    const table = place ? dialect.quote(wanted.name.name) : path;
    return `CREATE INDEX ${index} ON ${table} (${dialect.quote(column)})`;
  });
  const text = `CREATE TABLE ${path} (${[...parts, ...wanted.constraints].join(", ")})${server.tableSuffix}`;
  return [text, ...indexes];
}

/** What may be written to a table that is as found. */
export function layoutOf(dialect: Dialect, server: ServerFacts, wanted: WantedTable, found: FoundTable): TableLayout {
  const takesSequence = server.hasSequences && wanted.sequence !== undefined && !fillsId(found);
  return {
    path: tablePath(dialect, wanted.name),
    columns: new Set(found.columns.map(({ name }) => name)),
    id: takesSequence && wanted.sequence !== undefined ? dialect.nextValue(wanted.sequence) : undefined,
  };
}

function fillsId(found: FoundTable): boolean {
  return found.columns.some(({ name, isFilled }) => name === "id" && isFilled);
}
