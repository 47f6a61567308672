import type { DataSource } from "typeorm";
import type { Dialect } from "../dialect/dialect.js";
import { destroyConnection } from "./destroy-connection.js";
import { createConnection, type SqlConnection } from "./sql-connection.js";

export interface WithConnectionOptions {
  readonly source: DataSource;
  readonly dialect: Dialect;
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal;
  readonly maxStatementBytes?: number | undefined;
}

/**
 * Takes a connection out of the pool for the duration of `work`. When the signal aborts, the connection is cut, whatever it is
 * waiting for, so that it does not stay taken.
 * @throws Whatever `work` throws, or an error once the signal has aborted.
 */
export async function withConnection<T>(
  { source, dialect, signal, maxStatementBytes }: WithConnectionOptions,
  work: (connection: SqlConnection) => Promise<T>,
): Promise<T> {
  const runner = source.createQueryRunner();
  let raw: unknown;
  let isCut = false;
  const cut = (): void => {
    isCut = true;
    destroyConnection(raw);
  };
  try {
    raw = await runner.connect();
    throwIfGivenUp(signal);
    signal.addEventListener("abort", cut, { once: true });
    return await unlessGivenUp(signal, work(createConnection(runner, dialect, maxStatementBytes)));
  } finally {
    signal.removeEventListener("abort", cut); // from here on it is the pool's again
    // A connection that was cut leaves the pool by itself; given back, it would go to the next caller before it has closed.
    if (!isCut) await runner.release();
  }
}

export function throwIfGivenUp(signal: AbortSignal): void {
  if (signal.aborted) throw new Error("The caller has given up.");
}

/** A connection that is cut does not always say so to those who wait for it. */
function unlessGivenUp<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const over = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("The caller has given up.")), { once: true });
  });
  return Promise.race([work, over]);
}
