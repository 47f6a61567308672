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

export function createConnection(runner: QueryRunner, dialect: Dialect): SqlConnection {
  const ask = async ({ sql, parameters }: Statement): Promise<Answer> => {
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

/** Drivers know bytes as Buffer only. */
function bindable(value: SqlValue): unknown {
  return value instanceof Uint8Array && !Buffer.isBuffer(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
}
