/**
 * Calls to the database, each with its own deadline.
 *
 * Invariants: (1) nothing waits longer than its deadline, and no connection stays taken by a call that was given up.
 * (2) A call whose connection was lost, or that others were in the way of, is made again until its deadline: so work must
 * come to the same when it is done twice. (3) The tables are there before the first call. (4) On SQLite, which has one
 * connection, calls follow one another. (5) After closing, every call is refused; those under way, and batches that wait,
 * may finish.
 * @module
 */
import { exponentialBackoff, systemClock, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import type { Database, OpenedDatabase } from "./database.js";
import type { SqlConnection } from "./sql-connection.js";
import { describeFailure, failureKind, mayRepeat, type SqlFailureKind } from "./sql-failure.js";
import { throwIfGivenUp, withConnection } from "./with-connection.js";

export interface SqlSessionOptions {
  readonly database: Database;
  readonly timeoutMs: number;
}

/** What is done together with others, and when its caller stops waiting. */
export interface Awaited {
  /** By the monotonic clock. */
  readonly untilMs: number;
}

/** What a call does with its connection. */
export type SqlWork<T> = (connection: SqlConnection, opened: OpenedDatabase) => Promise<T>;

const REPEAT = exponentialBackoff({ baseMs: 20, maxMs: 1000 });

export class SqlSession {
  readonly #database: Database;
  readonly #timeoutMs: number;
  readonly #running = new Set<Promise<unknown>>();
  #turn: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();
  #isClosed = false;

  constructor(options: SqlSessionOptions) {
    this.#database = options.database;
    this.#timeoutMs = options.timeoutMs;
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  get database(): Database {
    return this.#database;
  }

  /**
   * @param doing - For the error: `storing 3 results`.
   * @throws BackendError, or the signal's reason.
   */
  async run<T>(doing: string, options: CallOptions | undefined, work: SqlWork<T>): Promise<T> {
    const { signal, timeoutMs = this.#timeoutMs } = options ?? {};
    signal?.throwIfAborted();
    if (this.#isClosed) throw this.failure("closed", doing);
    const call = new Call(doing, systemClock.monotonic() + timeoutMs);
    const answered = withDeadline(this.#repeat(call, work), { timeoutMs, signal }, () =>
      this.lateFailure(doing, call.isSent, call.lastError),
    );
    this.#running.add(answered);
    try {
      return await answered;
    } finally {
      this.#running.delete(answered);
      call.giveUp();
    }
  }

  /**
   * The error of a call whose deadline has passed.
   * @param isSent - Whether the database may have heard of it; `lastError` is why it had to be made again, if it was.
   */
  lateFailure(doing: string, isSent: boolean = this.#database.isOpen, lastError?: unknown): Error {
    const { change } = this.#database;
    if (change === undefined) return this.failure(isSent ? "timeout" : "lost", doing, lastError);
    return this.failure("timeout", `${doing}, which waits for ${change}: another connection may be using the table`);
  }

  /** When a call that begins now ends. */
  untilMs(options: CallOptions | undefined): number {
    return systemClock.monotonic() + (options?.timeoutMs ?? this.#timeoutMs);
  }

  /** Of a batch: what a call has by itself, and longer when somebody is more patient. */
  patienceOf(items: readonly Awaited[]): CallOptions {
    const nowMs = systemClock.monotonic();
    return { timeoutMs: items.reduce((longest, { untilMs }) => Math.max(longest, untilMs - nowMs), this.#timeoutMs) };
  }

  failure(kind: SqlFailureKind, doing: string, cause?: unknown): Error {
    return describeFailure(kind, doing, this.#database.description, cause);
  }

  /** Aborts as soon as the backend begins to close. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** For what is done in batches: those that wait are still carried out, but nothing is added to them. @throws BackendError */
  throwIfClosing(doing: string): void {
    if (this.closing.aborted) throw this.failure("closed", doing);
  }

  beginClosing(): void {
    if (!this.closing.aborted) this.#closing.abort(this.failure("closed", "beginning to watch a task"));
  }

  /** Lets what is under way finish, within the deadline of a call, then closes what we opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.beginClosing();
    this.#isClosed = true;
    const finished = Promise.allSettled(this.#running);
    await withDeadline(finished, { timeoutMs: this.#timeoutMs }, () => new Error("It takes too long.")).catch(
      () => undefined,
    );
    await this.#database[Symbol.asyncDispose]();
  }

  async #repeat<T>(call: Call, work: SqlWork<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#inTurn(() => this.#once(call, work));
      } catch (error) {
        const kind = failureKind(error);
        const failure = this.failure(kind, call.doing, error);
        call.lastError = error;
        const pauseMs = REPEAT(failures);
        if (call.isOver || !mayRepeat(kind) || failure === error || call.leftMs <= pauseMs) throw failure;
        await systemClock.sleep(pauseMs, call.signal);
      }
    }
  }

  async #once<T>(call: Call, work: SqlWork<T>): Promise<T> {
    const opened = await this.#database.open();
    throwIfGivenUp(call.signal);
    const { source, dialect, server } = opened;
    const { maxStatementBytes } = server;
    return withConnection({ source, dialect, signal: call.signal, maxStatementBytes }, (connection) => {
      call.isSent = true;
      return work(connection, opened);
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#database.dialect.name !== "sqlite") return work();
    const turn = this.#turn.then(work, work);
    this.#turn = turn;
    return turn;
  }
}

/** A call while its caller waits for it. */
class Call {
  readonly doing: string;
  /** Whether the database may have heard of it. */
  isSent = false;
  /** Why it had to be made again. */
  lastError: unknown;
  readonly #untilMs: number;
  readonly #over = new AbortController();

  constructor(doing: string, untilMs: number) {
    this.doing = doing;
    this.#untilMs = untilMs;
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  get leftMs(): number {
    return this.#untilMs - systemClock.monotonic();
  }

  giveUp(): void {
    this.#over.abort();
  }
}
