/**
 * Calls to the database, each with its own deadline.
 *
 * Invariants: (1) nothing waits longer than its deadline, and no connection stays taken by a call that was given up.
 * (2) A call whose connection was lost, or that others were in the way of, is made again until its deadline: so work must
 * come to the same when it is done twice. (3) The tables are there before the first call. (4) On SQLite, which has one
 * connection, calls follow one another. (5) After closing, every call is refused; those under way may finish.
 * @module
 */
import { exponentialBackoff, systemClock, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import type { Database, OpenedDatabase } from "./database.js";
import { destroyConnection } from "./destroy-connection.js";
import { createConnection, type SqlConnection } from "./sql-connection.js";
import { describeFailure, failureKind, mayRepeat, type SqlFailureKind } from "./sql-failure.js";

export interface SqlSessionOptions {
  readonly database: Database;
  readonly timeoutMs: number;
}

/** What a call does with its connection. */
export type SqlWork<T> = (connection: SqlConnection, opened: OpenedDatabase) => Promise<T>;

const REPEAT = exponentialBackoff({ baseMs: 20, maxMs: 1000 });

export class SqlSession {
  readonly #database: Database;
  readonly #timeoutMs: number;
  readonly #running = new Set<Promise<unknown>>();
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

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
    if (this.#closed) throw this.failure("closed", doing);
    const call = new Call(doing, systemClock.monotonic() + timeoutMs);
    const answered = this.#repeat(call, work);
    this.#running.add(answered);
    const settled = (): unknown => this.#running.delete(answered);
    answered.then(settled, settled);
    try {
      return await withDeadline(answered, { timeoutMs, signal }, () =>
        this.failure(call.isSent ? "timeout" : "lost", doing, call.lastError),
      );
    } finally {
      call.giveUp();
    }
  }

  failure(kind: SqlFailureKind, doing: string, cause?: unknown): Error {
    return describeFailure(kind, doing, this.#database.description, cause);
  }

  /** Lets what is under way finish, then closes what we opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
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
    call.throwIfOver();
    const runner = opened.source.createQueryRunner();
    let raw: unknown;
    let isCut = false;
    const cut = (): void => {
      isCut = true;
      destroyConnection(raw);
    };
    try {
      raw = await runner.connect();
      call.throwIfOver();
      call.isSent = true;
      call.signal.addEventListener("abort", cut, { once: true });
      return await call.unlessOver(work(createConnection(runner, opened.dialect), opened));
    } finally {
      call.signal.removeEventListener("abort", cut); // from here on it is the pool's again
      // A connection that was cut leaves the pool by itself; given back, it would go to the next caller before it has closed.
      if (!isCut) await runner.release();
    }
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

  throwIfOver(): void {
    if (this.isOver) throw new Error("The caller has given up.");
  }

  /** A connection that is cut does not always say so to those who wait for it. */
  unlessOver<T>(work: Promise<T>): Promise<T> {
    const over = new Promise<never>((_resolve, reject) => {
      this.signal.addEventListener("abort", () => reject(new Error("The caller has given up.")), { once: true });
    });
    return Promise.race([work, over]);
  }
}
