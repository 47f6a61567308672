/**
 * Finds the tables, and creates what is missing. Several processes may do so at once, Python's among them, which knows
 * nothing of our lock: whoever comes second finds what the first one made, looks again, and goes on.
 * @module
 */
import { BackendError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import type { DataSource } from "typeorm";
import { createConnection, type SqlConnection } from "../connect/sql-connection.js";
import type { Dialect, FoundColumn, ServerFacts } from "../dialect/dialect.js";
import { tablePath } from "../dialect/dialect.js";
import { readNumber, readText } from "../dialect/read-value.js";
import { plainStatement } from "../dialect/statement.js";
import type { TableName, Tables } from "../options/table-names.js";
import type { Layout, TableLayout } from "./layout.js";
import { type FoundTable, layoutOf, planTable } from "./plan-tables.js";
import { type WantedTable, wantedTables } from "./wanted-tables.js";

export interface ReadyTablesOptions {
  readonly tables: Tables;
  readonly nativeChords: boolean;
  readonly createTables: boolean;
}

const ATTEMPTS = 8;
const PAUSE_MS = 50;

/** @throws BackendError when the server is too old, or a table is missing and may not be created. */
export async function readyTables(source: DataSource, dialect: Dialect, options: ReadyTablesOptions): Promise<Layout> {
  const runner = source.createQueryRunner();
  try {
    const connection = createConnection(runner, dialect);
    const server = dialect.readServer((await connection.ask(dialect.askServer)).rows[0] ?? {});
    const wanted = wantedTables(options.tables, dialect.types, options.nativeChords);
    const finder = new TableFinder(connection, dialect, server);
    if (options.createTables) await createMissing(finder, connection, wanted);
    return await readLayout(finder, wanted, options.tables);
  } finally {
    await runner.release();
  }
}

async function createMissing(
  finder: TableFinder,
  connection: SqlConnection,
  wanted: readonly WantedTable[],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    if (!(await finder.isAnythingMissing(wanted))) return;
    try {
      await finder.locked(async () => {
        for (const table of wanted) {
          for (const statement of await finder.plan(table)) await connection.ask(statement);
        }
      });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await systemClock.sleep(PAUSE_MS * attempt);
    }
  }
}

async function readLayout(finder: TableFinder, wanted: readonly WantedTable[], tables: Tables): Promise<Layout> {
  const layouts = new Map<TableName, TableLayout>();
  for (const table of wanted) layouts.set(table.name, await finder.layout(table));
  const absent = (name: TableName): TableLayout => ({ path: name.name, columns: new Set(), id: undefined });
  const layout = (name: TableName): TableLayout => layouts.get(name) ?? absent(name);
  const { task, group, chord, chordEntry } = tables;
  return { task: layout(task), group: layout(group), chord: layout(chord), chordEntry: layout(chordEntry) };
}

/** Looks at tables through one connection. */
class TableFinder {
  readonly #connection: SqlConnection;
  readonly #dialect: Dialect;
  readonly #server: ServerFacts;

  constructor(connection: SqlConnection, dialect: Dialect, server: ServerFacts) {
    this.#connection = connection;
    this.#dialect = dialect;
    this.#server = server;
  }

  async plan(wanted: WantedTable): Promise<ReturnType<typeof planTable>> {
    return planTable(this.#dialect, this.#server, wanted, await this.#find(wanted));
  }

  async isAnythingMissing(wanted: readonly WantedTable[]): Promise<boolean> {
    for (const table of wanted) if ((await this.plan(table)).length > 0) return true;
    return false;
  }

  /** @throws BackendError when there is no such table. */
  async layout(wanted: WantedTable): Promise<TableLayout> {
    const found = await this.#find(wanted);
    const key = wanted.columns[0]?.[0] ?? "";
    if (!found.columns.some(({ name }) => name === key)) {
      const path = tablePath(this.#dialect, wanted.name);
      const reason =
        found.columns.length === 0 ? `There is no table ${path}` : `The table ${path} has no column ${key}`;
      const message = `${reason}. Let \`createTables\` create it, or run createResultTables().`;
      throw new BackendError(message, { code: "BACKEND_REFUSED" });
    }
    return layoutOf(this.#dialect, this.#server, wanted, found);
  }

  async locked(work: () => Promise<void>): Promise<void> {
    const { before, inside, after } = this.#dialect.tableLock;
    for (const sql of before) await this.#connection.ask(plainStatement(sql));
    try {
      await this.#connection.transaction(async () => {
        for (const sql of inside) await this.#connection.ask(plainStatement(sql));
        await work();
      });
    } finally {
      for (const sql of after) await this.#connection.ask(plainStatement(sql)).catch(() => undefined);
    }
  }

  async #find(wanted: WantedTable): Promise<FoundTable> {
    const { rows } = await this.#connection.ask(this.#dialect.askColumns(wanted.name));
    const columns = rows.map((row): FoundColumn => {
      return { name: readText(row.name) ?? "", isFilled: row.isFilled === true || readNumber(row.isFilled) === 1 };
    });
    if (!this.#server.hasSequences || wanted.sequence === undefined)
      return { columns, hasSequence: false, highestId: 0 };
    const { rows: sequences } = await this.#connection.ask(this.#dialect.askSequence(wanted.sequence));
    const hasSequence = sequences.length > 0;
    const isNumbered = columns.some(({ name }) => name === "id");
    return { columns, hasSequence, highestId: isNumbered && !hasSequence ? await this.#highestId(wanted) : 0 };
  }

  async #highestId(wanted: WantedTable): Promise<number> {
    const path = tablePath(this.#dialect, wanted.name);
    const { rows } = await this.#connection.ask(plainStatement(`SELECT MAX(id) AS highest FROM ${path}`));
    return readNumber(rows[0]?.highest) ?? 0;
  }
}
