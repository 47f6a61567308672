/**
 * A connection that is there when somebody needs it. It is opened on demand, and again after a loss, over all servers in
 * turn, for as long as anybody waits. A link does not bring anything back by itself: consumers and listeners declare and
 * consume again on the next session, which keeps each of them in charge of its own state.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import { createDeferred, type Deferred, exponentialBackoff, systemClock, withDeadline } from "@celeriac/core/lifecycle";
import type { AmqpConnectionSettings } from "../options/connection-options.js";
import { type AmqpAddress, showAddress } from "./amqp-address.js";
import type { AmqpSession } from "./amqp-session.js";
import { createFailover, type Failover } from "./failover.js";
import { openSession } from "./open-session.js";

/** Short cap: after an outage the first task must start within 5 seconds (RELIABILITY G13). */
const RECONNECT = exponentialBackoff({ baseMs: 100, maxMs: 2000 });

export interface ConnectOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export class AmqpLink implements AsyncDisposable {
  readonly #settings: AmqpConnectionSettings;
  readonly #purpose: string;
  readonly #failover: Failover<AmqpAddress>;
  readonly #waiting = new Set<Deferred<AmqpSession>>();
  readonly #closing = new AbortController();
  #session: AmqpSession | undefined;
  #connecting: Promise<void> | undefined;
  #lastError: unknown;

  constructor(addresses: readonly [AmqpAddress, ...AmqpAddress[]], settings: AmqpConnectionSettings, purpose: string) {
    this.#settings = settings;
    this.#purpose = purpose;
    this.#failover = createFailover(addresses, settings.failoverStrategy);
  }

  /** The session that is there now. */
  get session(): AmqpSession | undefined {
    return this.#session;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /**
   * The session that is there, or the next one.
   * @param doing - For the error: `publishing a message`.
   * @throws BrokerError `BROKER_UNAVAILABLE` at the deadline; at once when every server refuses for good; or the signal's reason.
   */
  connect(doing: string, { timeoutMs, signal }: ConnectOptions): Promise<AmqpSession> {
    if (this.isClosed) return Promise.reject(closedError(doing));
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#session !== undefined) return Promise.resolve(this.#session);
    const wanted = createDeferred<AmqpSession>();
    this.#waiting.add(wanted);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return withDeadline(wanted.promise, { timeoutMs, signal }, () => this.unavailable(doing)).finally(() =>
      this.#waiting.delete(wanted),
    );
  }

  /** The error of a call that needed the server and did not get it. */
  unavailable(doing: string): BrokerError {
    const reason = this.#lastError instanceof Error ? ` ${this.#lastError.message}` : "";
    return new BrokerError(`RabbitMQ at ${showAddress(this.#failover.current())} is away while ${doing}.${reason}`, {
      code: "BROKER_UNAVAILABLE",
      retryable: true,
      cause: this.#lastError,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#reject(closedError("connecting"));
    await this.#connecting;
    await this.#session?.[Symbol.asyncDispose]();
  }

  async #connect(): Promise<void> {
    let rounds = 0;
    let refusals: readonly unknown[] = [];
    while (this.#waiting.size > 0 && !this.isClosed) {
      try {
        const session = await openSession(this.#failover.current(), this.#settings, this.#purpose);
        await this.#accept(session);
        return;
      } catch (error) {
        this.#lastError = error;
        refusals = [...refusals, error];
        if (!this.#failover.advance()) continue;
        // Waiting changes nothing when no server would have us as we are.
        if (refusals.every((refusal) => !isWorthWaiting(refusal))) this.#reject(error);
        refusals = [];
        rounds += 1;
        if (this.#waiting.size > 0) await systemClock.sleep(RECONNECT(rounds), this.#closing.signal);
      }
    }
  }

  async #accept(session: AmqpSession): Promise<void> {
    if (this.isClosed) {
      await session[Symbol.asyncDispose]();
      return;
    }
    this.#failover.succeeded();
    this.#lastError = undefined;
    this.#session = session;
    session.onLost((error) => {
      this.#lastError = error;
      if (this.#session === session) this.#session = undefined;
    });
    for (const waiting of this.#waiting) waiting.resolve(session);
    this.#waiting.clear();
  }

  #reject(error: unknown): void {
    for (const waiting of this.#waiting) waiting.reject(error);
    this.#waiting.clear();
  }
}

function isWorthWaiting(error: unknown): boolean {
  return error instanceof BrokerError && error.retryable;
}

/** The error of a call on a broker that was closed. */
export function closedError(doing: string): BrokerError {
  return new BrokerError(`The broker was closed on this side while ${doing}. Create a new one to go on.`, {
    code: "BROKER_CLOSED",
  });
}
