/**
 * Calls to the server, each with its own deadline.
 *
 * Invariants: (1) nothing waits longer than its deadline. (2) A call whose connection was lost, or that others were in the
 * way of, is made again until its deadline: so work must come to the same when it is done twice. (3) After closing, every
 * call is refused; those under way may finish.
 * @module
 */
import { exponentialBackoff, systemClock, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import { describeFailure, failureKind, type MongoFailureKind, mayRepeat } from "./mongo-failure.js";
import type { MongoServer, OpenedServer } from "./mongo-server.js";

export interface MongoSessionOptions {
  readonly server: MongoServer;
  readonly timeoutMs: number;
}

/** What a call does with the server. */
export type MongoWork<T> = (opened: OpenedServer) => Promise<T>;

/** A call while its caller waits for it. */
interface Call {
  readonly doing: string;
  readonly untilMs: number;
  readonly over: AbortSignal;
  lastError: unknown;
}

const REPEAT = exponentialBackoff({ baseMs: 20, maxMs: 1000 });

export class MongoSession {
  readonly #server: MongoServer;
  readonly #timeoutMs: number;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: MongoSessionOptions) {
    this.#server = options.server;
    this.#timeoutMs = options.timeoutMs;
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** @throws BackendError `BACKEND_CLOSED` */
  refuseWhenClosed(doing: string): void {
    if (this.#closed) throw this.failure("closed", doing);
  }

  /**
   * @param doing - For the error: `storing 3 results`.
   * @throws BackendError, ConfigError, or the signal's reason.
   */
  async run<T>(doing: string, options: CallOptions | undefined, work: MongoWork<T>): Promise<T> {
    const { signal, timeoutMs = this.#timeoutMs } = options ?? {};
    signal?.throwIfAborted();
    this.refuseWhenClosed(doing);
    const over = new AbortController();
    const call: Call = { doing, untilMs: systemClock.monotonic() + timeoutMs, over: over.signal, lastError: undefined };
    const answered = this.#repeat(call, work);
    this.#running.add(answered);
    const settled = (): unknown => this.#running.delete(answered);
    answered.then(settled, settled);
    try {
      return await withDeadline(answered, { timeoutMs, signal }, () => this.lateFailure(doing, call.lastError));
    } finally {
      over.abort();
    }
  }

  /** The error of a call whose deadline has passed; `lastError` is why it had to be made again, if it was. */
  lateFailure(doing: string, lastError?: unknown): Error {
    return this.failure(this.#server.isOpen ? "timeout" : "lost", doing, lastError);
  }

  failure(kind: MongoFailureKind, doing: string, cause?: unknown): Error {
    return describeFailure(kind, doing, this.#server.description, cause);
  }

  /** Lets what is under way finish, then closes what we opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const finished = Promise.allSettled(this.#running);
    await withDeadline(finished, { timeoutMs: this.#timeoutMs }, () => new Error("It takes too long.")).catch(
      () => undefined,
    );
    await this.#server[Symbol.asyncDispose]();
  }

  async #repeat<T>(call: Call, work: MongoWork<T>): Promise<T> {
    const { doing, untilMs, over } = call;
    for (let failures = 1; ; failures += 1) {
      try {
        return await work(await this.#server.open());
      } catch (error) {
        call.lastError = error;
        const kind = failureKind(error);
        const failure = this.failure(kind, doing, error);
        const pauseMs = REPEAT(failures);
        const isLate = over.aborted || untilMs - systemClock.monotonic() <= pauseMs;
        if (isLate || !mayRepeat(kind) || failure === error) throw failure;
        await systemClock.sleep(pauseMs, over);
      }
    }
  }
}
