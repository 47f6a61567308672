/**
 * Reads and writes rows of `celery_taskmeta`; what is asked for in one tick becomes one statement.
 *
 * Invariants: (1) a write resolves only after the database has committed it. (2) One statement writes at a time, so that
 * the last state asked for is the last one stored. (3) A row with SUCCESS is not written again: the statement itself sees
 * to that. (4) Nothing is written after its caller was told that it failed, unless it was on its way already.
 * @module
 */
import {
  type BatchItem,
  createSerialBatch,
  createTickBatch,
  foldStates,
  type SerialBatch,
  withDeadline,
} from "@celeriac/core/lifecycle";
import type { CallOptions, Clock } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import { splitRefused } from "../batch/split-refused.js";
import type { OpenedDatabase } from "../connect/database.js";
import type { SqlConnection } from "../connect/sql-connection.js";
import type { Awaited, SqlSession } from "../connect/sql-session.js";
import type { Row, Statement } from "../dialect/statement.js";
import { checkId } from "./check-id.js";
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

interface Write extends Awaited {
  readonly row: ResultRow;
}

interface Read extends Awaited {
  readonly taskId: string;
}

export class ResultTable {
  readonly #options: ResultTableOptions;
  readonly #writes: SerialBatch<Write, void>;
  readonly #reads: (read: Read) => Promise<Row | undefined>;
  #micros = 0;

  constructor(options: ResultTableOptions) {
    this.#options = options;
    this.#writes = createSerialBatch({
      flush: (items) => splitRefused(items, (some) => this.#flushWrites(some)),
      maxItems: options.session.database.dialect.maxRows,
      maxWeight: BATCH_BYTES,
      weigh: ({ row }) => weightOf(row),
    });
    this.#reads = createTickBatch((items) => this.#flushReads(items), READS_PER_CALL);
  }

  /** Stores unless SUCCESS is stored, and announces. @throws BackendError, EncodeError */
  async write(record: ResultRecord, options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    const { session, clock, column } = this.#options;
    session.throwIfClosing("storing a result");
    this.#micros = (this.#micros + 1) % 1000;
    const now = { epochMs: clock.now(), micros: this.#micros };
    const submission = this.#writes({ row: encodeRow(record, now, column), untilMs: session.untilMs(options) });
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
    const { session, column } = this.#options;
    const reading = this.#reads({ taskId, untilMs: session.untilMs(options) });
    const row = await this.#bounded(options, "reading a result", reading);
    return row === undefined ? undefined : decodeRow(row, column);
  }

  /** @throws BackendError */
  async remove(taskId: string, options?: CallOptions): Promise<void> {
    checkId("task id", taskId);
    await this.#options.session.run("forgetting a result", options, (connection, { dialect, layout }) => {
      const draft = dialect.draft();
      return connection.ask(draft.done(`DELETE FROM ${layout.task.path} WHERE task_id = ${draft.bind(taskId)}`));
    });
  }

  /** Resolves when no write waits any more. Never rejects; as long as the database takes. */
  drain(): Promise<void> {
    return this.#writes.drain();
  }

  async #flushWrites(items: readonly BatchItem<Write, void>[]): Promise<void> {
    const writes = items.map((item) => item.value);
    const values = writes.map(({ row }) => row);
    const rows = foldStates(values, ({ task_id, status }) => ({ taskId: task_id, status }));
    const { session, channel, onStored } = this.#options;
    await session.run(`storing ${rows.length} results`, session.patienceOf(writes), (connection, opened) =>
      connection.ask(storeResults(opened.dialect, opened.layout.task, rows, channel)),
    );
    onStored(rows.map((row) => String(row.task_id)));
    for (const item of items) item.resolve();
  }

  async #flushReads(items: readonly BatchItem<Read, Row | undefined>[]): Promise<void> {
    const reads = items.map((item) => item.value);
    const ids = reads.map(({ taskId }) => taskId);
    const select = ({ dialect, layout }: OpenedDatabase): Statement => selectResults(dialect, layout.task, ids);
    const rows = await this.rows(`reading ${items.length} results`, select, this.#options.session.patienceOf(reads));
    const byId = new Map(rows.map((row) => [row.task_id, row]));
    for (const item of items) item.resolve(byId.get(item.value.taskId));
  }

  /** The rows that a statement selects. @throws BackendError */
  async rows(
    doing: string,
    select: (opened: OpenedDatabase) => Statement,
    options?: CallOptions,
  ): Promise<readonly Row[]> {
    const ask = (connection: SqlConnection, opened: OpenedDatabase): ReturnType<SqlConnection["ask"]> =>
      connection.ask(select(opened));
    return (await this.#options.session.run(doing, options, ask)).rows;
  }

  #bounded<T>(options: CallOptions | undefined, doing: string, work: Promise<T>): Promise<T> {
    const { session } = this.#options;
    const limits = { timeoutMs: options?.timeoutMs ?? session.timeoutMs, signal: options?.signal };
    return withDeadline(work, limits, () => session.lateFailure(doing));
  }
}

function weightOf(row: ResultRow): number {
  let weight = 0;
  for (const value of Object.values(row))
    if (typeof value === "string" || value instanceof Uint8Array) weight += value.length;
  return weight;
}
