import type { SqlConnection } from "../connect/sql-connection.js";
import type { Dialect } from "../dialect/dialect.js";
import { plainStatement } from "../dialect/statement.js";

export interface TableLockOptions {
  /** Whether somebody else has begun a transaction, and will end it: then that is the one. Default false. */
  readonly isInTransaction?: boolean;
  /** How long a statement may wait for those who use a table, in milliseconds; by default as long as the database has it. */
  readonly waitMs?: number;
}

/** Does `work` in a transaction, while nobody else of ours changes tables. */
export async function lockTables(
  connection: SqlConnection,
  dialect: Dialect,
  work: () => Promise<void>,
  { isInTransaction = false, waitMs }: TableLockOptions = {},
): Promise<void> {
  const { before, inside, after } = dialect.tableLock(waitMs);
  const locked = async (): Promise<void> => {
    for (const sql of inside) await connection.ask(plainStatement(sql));
    await work();
  };
  for (const sql of before) await connection.ask(plainStatement(sql));
  try {
    await (isInTransaction ? locked() : connection.transaction(locked));
  } finally {
    for (const sql of after) await connection.ask(plainStatement(sql)).catch(() => undefined);
  }
}
