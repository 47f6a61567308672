/**
 * Looks at tables through one connection: what is there, and what is missing.
 * @module
 */
import { BackendError } from "@celeriac/core/errors";
import type { SqlConnection } from "../connect/sql-connection.js";
import { type Dialect, type FoundColumn, type ServerFacts, tablePath } from "../dialect/dialect.js";
import { readNumber, readText } from "../dialect/read-value.js";
import { plainStatement } from "../dialect/statement.js";
import type { TableLayout } from "./layout.js";
import { type FoundTable, layoutOf, planTable, type TableChange } from "./plan-tables.js";
import type { WantedTable } from "./wanted-tables.js";

export interface TableFinder {
  readonly server: ServerFacts;
  find(wanted: WantedTable): Promise<FoundTable>;
  /** What turns the table, as it is now, into the wanted one; see `planTable`. */
  plan(wanted: WantedTable, alwaysSequence?: boolean): Promise<readonly TableChange[]>;
  /** @throws BackendError when there is no such table. */
  layout(wanted: WantedTable): Promise<TableLayout>;
}

/** @throws BackendError when the server is too old, or set up so that we cannot work. */
export async function openTableFinder(connection: SqlConnection, dialect: Dialect): Promise<TableFinder> {
  const server = dialect.readServer((await connection.ask(dialect.askServer)).rows[0] ?? {});
  const find = (wanted: WantedTable): Promise<FoundTable> => findTable(connection, dialect, server, wanted);
  return {
    server,
    find,
    plan: async (wanted, alwaysSequence) => planTable(dialect, server, wanted, await find(wanted), alwaysSequence),
    async layout(wanted) {
      const found = await find(wanted);
      checkFound(dialect, wanted, found);
      return layoutOf(dialect, server, wanted, found);
    },
  };
}

function checkFound(dialect: Dialect, wanted: WantedTable, found: FoundTable): void {
  const key = wanted.columns[0]?.name ?? "";
  if (found.columns.some(({ name }) => name === key)) return;
  const path = tablePath(dialect, wanted.name);
  const reason = found.columns.length === 0 ? `There is no table ${path}` : `The table ${path} has no column ${key}`;
  const message = `${reason}. Let \`createTables\` create it, or run createResultTables().`;
  throw new BackendError(message, { code: "BACKEND_REFUSED" });
}

async function findTable(
  connection: SqlConnection,
  dialect: Dialect,
  server: ServerFacts,
  wanted: WantedTable,
): Promise<FoundTable> {
  const { rows } = await connection.ask(dialect.askColumns(wanted.name));
  const columns = rows.map((row): FoundColumn => {
    return { name: readText(row.name) ?? "", isFilled: row.isFilled === true || readNumber(row.isFilled) === 1 };
  });
  if (!server.hasSequences || wanted.sequence === undefined) return { columns, hasSequence: false, highestId: 0 };
  const { rows: sequences } = await connection.ask(dialect.askSequence(wanted.sequence));
  if (sequences.length > 0) return { columns, hasSequence: true, highestId: 0 };
  const isNumbered = columns.some(({ name }) => name === "id");
  const highestId = isNumbered ? await highest(connection, tablePath(dialect, wanted.name)) : 0;
  return { columns, hasSequence: false, highestId };
}

async function highest(connection: SqlConnection, path: string): Promise<number> {
  const { rows } = await connection.ask(plainStatement(`SELECT MAX(id) AS highest FROM ${path}`));
  return readNumber(rows[0]?.highest) ?? 0;
}
