import { BackendError } from "@celeriac/core/errors";
import type { QueryRunner } from "typeorm";
import type { Dialect } from "../dialect/dialect.js";
import { plainStatement, type Row, type SqlValue, type Statement } from "../dialect/statement.js";

/** What a statement came to. */
export interface Answer {
  readonly rows: readonly Row[];
  /** Rows that were written or deleted. */
  readonly affected: number;
}

/** One connection for the duration of one call. */
export interface SqlConnection {
  ask(statement: Statement): Promise<Answer>;
  /** All or nothing; rows that it locks are read as they are then, not as they were when it began. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

/** @param maxStatementBytes - What the server takes; a longer statement is refused before it is sent. Default: any. */
export function createConnection(runner: QueryRunner, dialect: Dialect, maxStatementBytes?: number): SqlConnection {
  const ask = async (statement: Statement): Promise<Answer> => {
    if (maxStatementBytes !== undefined) checkSize(statement, dialect, maxStatementBytes);
    const { sql, parameters } = statement;
    const values = parameters.map(bindable);
    // As one list: libsql takes a single value that is null or bytes for an object of named parameters, and aborts.
    const isListed = dialect.name === "sqlite" && values.length > 0;
    const result = await runner.query(sql, isListed ? [values] : values, true);
    const rows: unknown = result.records;
    return { rows: Array.isArray(rows) ? rows : [], affected: result.affected ?? 0 };
  };
  return {
    ask,
    async transaction(work) {
      for (const sql of dialect.begin) await ask(plainStatement(sql));
      try {
        const value = await work();
        await ask(plainStatement("COMMIT"));
        return value;
      } catch (error) {
        // The connection may be what failed; then there is nothing to roll back.
        await ask(plainStatement("ROLLBACK")).catch(() => undefined);
        throw error;
      }
    },
  };
}

/** A character has three bytes at most, or two when it is escaped; bytes have two digits. */
const BYTES_PER_UNIT = 3;
const BYTES_PER_VALUE = 32;
/** What says that a statement follows. */
const COMMAND_BYTES = 1;

/**
 * A server that gets too much cuts the connection while we are still sending, which nobody could tell from a lost one.
 * @throws BackendError `BACKEND_REFUSED`
 */
function checkSize(statement: Statement, dialect: Dialect, maxBytes: number): void {
  const units = statement.parameters.reduce((sum: number, value) => sum + unitsOf(value), statement.sql.length);
  if (units * BYTES_PER_UNIT < maxBytes) return;
  const bytes = dialect.sizeOf(statement);
  if (bytes + COMMAND_BYTES < maxBytes) return;
  const message = `A statement of ${bytes} bytes is more than the ${maxBytes} of the server's max_allowed_packet. Raise it there.`;
  throw new BackendError(message, { code: "BACKEND_REFUSED" });
}

function unitsOf(value: SqlValue): number {
  return BYTES_PER_VALUE + (typeof value === "string" || value instanceof Uint8Array ? value.length : 0);
}

/** Drivers know bytes as Buffer only. */
function bindable(value: SqlValue): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
}
