/**
 * Reads and writes rows of `celery_taskmeta`; what is asked for in one tick becomes one statement.
 *
 * Invariants: (1) a write resolves only after the database has committed it. (2) One statement writes at a time, so that
 * the last state asked for is the last one stored. (3) A row with SUCCESS is not written again: the statement itself sees
 * to that. (4) Nothing is written after its caller was told that it failed, unless it was on its way already.
 * @module
 */
import { isRetryable } from "@celeriac/core/errors";
import { type BatchItem, createTickBatch, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, Clock } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import { createSerialBatch, type Submission } from "../batch/serial-batch.js";
import type { OpenedDatabase } from "../connect/database.js";
import type { SqlConnection } from "../connect/sql-connection.js";
import type { SqlSession } from "../connect/sql-session.js";
import type { Row, Statement } from "../dialect/statement.js";
import { checkId } from "./check-id.js";
import { foldWrites } from "./fold-writes.js";
import type { ResultColumnOptions } from "./result-column.js";
import { decodeRow, encodeRow, type ResultRow } from "./result-row.js";
import { selectResults, storeResults } from "./task-statements.js";

export interface ResultTableOptions {
  readonly session: SqlSession;
  readonly column: ResultColumnOptions;
  readonly clock: Clock;
  /** PostgreSQL's channel; `undefined` announces nothing. */
  readonly channel: string | undefined;
  /** Hears which tasks were stored. */
  readonly onStored: (taskIds: readonly string[]) => void;
}

/** Bytes of results in one statement, unless it is a single one. */
const BATCH_BYTES = 1_048_576;
const READS_PER_CALL = 250;

export class ResultTable {
  readonly #options: ResultTableOptions;
  readonly #writes: (row: ResultRow) => Submission<void>;
  readonly #reads: (taskId: string) => Promise<Row | undefined>;
  #micros = 0;

  constructor(options: ResultTableOptions) {
    this.#options = options;
    this.#writes = createSerialBatch({
      flush: (items) => this.#flushWrites(items),
      maxItems: options.session.database.dialect.maxRows,
      maxWeight: BATCH_BYTES,
      weigh: weightOf,
    });
    this.#reads = createTickBatch((items) => this.#flushReads(items), READS_PER_CALL);
  }

  /** Stores unless SUCCESS is stored, and announces. @throws BackendError, EncodeError */
  async write(record: ResultRecord, options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    this.#micros = (this.#micros + 1) % 1000;
    const now = { epochMs: this.#options.clock.now(), micros: this.#micros };
    const submission = this.#writes(encodeRow(record, now, this.#options.column));
    try {
      await this.#bounded(options, "storing a result", submission.promise);
    } finally {
      submission.withdraw();
    }
  }

  /** `undefined` when nothing is stored. @throws BackendError, DecodeError */
  async read(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined> {
    options?.signal?.throwIfAborted();
    checkId("task id", taskId);
    const row = await this.#bounded(options, "reading a result", this.#reads(taskId));
    return row === undefined ? undefined : decodeRow(row, this.#options.column);
  }

  /** @throws BackendError */
  async remove(taskId: string, options?: CallOptions): Promise<void> {
    checkId("task id", taskId);
    await this.#options.session.run("forgetting a result", options, (connection, { dialect, layout }) => {
      const draft = dialect.draft();
      return connection.ask(draft.done(`DELETE FROM ${layout.task.path} WHERE task_id = ${draft.bind(taskId)}`));
    });
  }

  async #flushWrites(items: readonly BatchItem<ResultRow, void>[]): Promise<void> {
    try {
      await this.#store(items.map((item) => item.value));
    } catch (error) {
      // One row that the database refuses must not take the others of its tick down.
      if (items.length === 1 || isRetryable(error)) throw error;
      for (const item of items) await this.#flushWrites([item]).catch((reason: unknown) => item.reject(reason));
    }
    for (const item of items) item.resolve();
  }

  async #store(values: readonly ResultRow[]): Promise<void> {
    const rows = foldWrites(values);
    const { session, channel, onStored } = this.#options;
    await session.run(`storing ${rows.length} results`, undefined, (connection, opened) =>
      connection.ask(storeResults(opened.dialect, opened.layout.task, rows, channel)),
    );
    onStored(rows.map((row) => String(row.task_id)));
  }

  async #flushReads(items: readonly BatchItem<string, Row | undefined>[]): Promise<void> {
    const ids = items.map((item) => item.value);
    const rows = await this.rows(`reading ${items.length} results`, (opened) =>
      selectResults(opened.dialect, opened.layout.task, ids),
    );
    const byId = new Map(rows.map((row) => [row.task_id, row]));
    for (const item of items) item.resolve(byId.get(item.value));
  }

  /** The rows that a statement selects. @throws BackendError */
  async rows(doing: string, select: (opened: OpenedDatabase) => Statement): Promise<readonly Row[]> {
    const ask = (connection: SqlConnection, opened: OpenedDatabase): ReturnType<SqlConnection["ask"]> =>
      connection.ask(select(opened));
    return (await this.#options.session.run(doing, undefined, ask)).rows;
  }

  #bounded<T>(options: CallOptions | undefined, doing: string, work: Promise<T>): Promise<T> {
    const { session } = this.#options;
    const limits = { timeoutMs: options?.timeoutMs ?? session.timeoutMs, signal: options?.signal };
    return withDeadline(work, limits, () => session.failure(session.database.isOpen ? "timeout" : "lost", doing));
  }
}

function weightOf(row: ResultRow): number {
  let weight = 0;
  for (const value of Object.values(row))
    if (typeof value === "string" || value instanceof Uint8Array) weight += value.length;
  return weight;
}
