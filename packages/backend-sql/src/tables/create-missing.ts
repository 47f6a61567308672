/**
 * Makes the tables and columns that are missing. Several processes may do so at once, Python's among them, which knows nothing
 * of our lock: whoever comes second finds what the first one made, looks again, and goes on.
 *
 * Invariants: (1) nobody who uses a table waits for us longer than `LOCK_WAIT_MS`: a statement that changes a table waits for
 * all who use it, and whoever comes behind it, to read too, waits with it. (2) A column without which results are kept all the
 * same never keeps us from starting.
 * @module
 */
import { BackendError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import type { SqlConnection } from "../connect/sql-connection.js";
import { failureReason, isBlocked, isForbidden, isReadOnly } from "../connect/sql-failure.js";
import type { Dialect } from "../dialect/dialect.js";
import type { TableChange } from "./plan-tables.js";
import type { TableFinder } from "./table-finder.js";
import { lockTables } from "./table-lock.js";
import type { WantedTable } from "./wanted-tables.js";

export interface CreateMissingOptions {
  readonly finder: TableFinder;
  readonly connection: SqlConnection;
  readonly dialect: Dialect;
  readonly wanted: readonly WantedTable[];
  /** Whether no column is dispensable. */
  readonly isStrict: boolean;
  /** Longest that all of this may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Hears which statement is under way; `undefined` when none is. */
  readonly onStatement: (sql: string | undefined) => void;
  readonly onWarning: (message: string) => void;
}

const ATTEMPTS = 8;
const PAUSE_MS = 50;
/** Between two attempts that others were in the way of: those who waited behind us come first. */
const BLOCKED_PAUSE_MS = 500;
const LOCK_WAIT_MS = 2_000;

/** @throws BackendError naming the statement, when what is needed cannot be made. */
export async function createMissing(options: CreateMissingOptions): Promise<void> {
  const { isStrict, onWarning, timeoutMs } = options;
  const untilMs = systemClock.monotonic() + timeoutMs;
  for (let attempt = 1; ; attempt += 1) {
    const failure = await changeTables(options, ({ isDispensable }) => isStrict || !isDispensable);
    if (failure === undefined) break;
    const { error } = failure;
    const pauseMs = isBlocked(error) ? BLOCKED_PAUSE_MS : PAUSE_MS * attempt;
    const isTooLate = isBlocked(error) && systemClock.monotonic() + pauseMs + lockWaitMs(timeoutMs) > untilMs;
    if (attempt === ATTEMPTS || isTooLate || isForbidden(error)) throw describe(failure);
    await systemClock.sleep(pauseMs);
  }
  for (let attempt = 1; ; attempt += 1) {
    const failure = await changeTables(options, () => true);
    if (failure === undefined) return;
    const { error } = failure;
    if (isForbidden(error) || isBlocked(error) || isReadOnly(error)) {
      // Another process may have been quicker, and so in the way.
      const missing = await missingChanges(options);
      if (missing.length > 0) onWarning(warningOf(error, missing));
      return;
    }
    if (attempt === ATTEMPTS) throw describe(failure);
    await systemClock.sleep(PAUSE_MS * attempt);
  }
}

interface Failure {
  readonly error: unknown;
  /** `undefined` when it was not a change of tables that failed. */
  readonly sql: string | undefined;
}

/** Carries out what is planned and chosen. @returns `undefined` when it has been done. */
async function changeTables(
  { finder, connection, dialect, wanted, timeoutMs, onStatement }: CreateMissingOptions,
  isChosen: (change: TableChange) => boolean,
): Promise<Failure | undefined> {
  const missing = await missingChanges({ finder, wanted });
  if (!missing.some(isChosen)) return undefined;
  let sql: string | undefined;
  const changeAll = async (): Promise<void> => {
    for (const change of (await missingChanges({ finder, wanted })).filter(isChosen)) {
      sql = change.sql;
      onStatement(sql);
      await connection.ask(change);
    }
  };
  try {
    await lockTables(connection, dialect, changeAll, { waitMs: lockWaitMs(timeoutMs) });
    return undefined;
  } catch (error) {
    return { error, sql };
  } finally {
    onStatement(undefined);
  }
}

function lockWaitMs(timeoutMs: number): number {
  return Math.min(LOCK_WAIT_MS, timeoutMs / 4);
}

async function missingChanges({
  finder,
  wanted,
}: Pick<CreateMissingOptions, "finder" | "wanted">): Promise<readonly TableChange[]> {
  const changes: TableChange[] = [];
  for (const table of wanted) changes.push(...(await finder.plan(table)));
  return changes;
}

function warningOf(error: unknown, missing: readonly TableChange[]): string {
  const statements = missing.map(({ sql }) => sql).join("; ");
  const advice = isBlocked(error)
    ? "Another connection was using the table; the next start tries again."
    : "Run createResultTables() as the owner of the table, or set `createTables: false`.";
  return `Results are kept without what a missing column would hold. ${statements}: ${failureReason(error)}. ${advice}`;
}

function describe({ error, sql }: Failure): unknown {
  if (sql === undefined) return error;
  const said = `The tables of results could not be made: ${sql}: ${failureReason(error)}.`;
  if (isForbidden(error)) {
    const advice = "Set `createTables: false`, or run createResultTables() as the owner.";
    return new BackendError(`${said} ${advice}`, { code: "BACKEND_REFUSED", cause: error });
  }
  if (!isBlocked(error)) return error;
  const advice = "Another connection is using the table, and has to end its transaction first.";
  return new BackendError(`${said} ${advice}`, { code: "BACKEND_UNAVAILABLE", retryable: true, cause: error });
}
