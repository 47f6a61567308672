/**
 * Hears PostgreSQL's announcements over one connection of its own, whatever the number of those who wait. It comes back
 * when it is lost; what was announced meanwhile is gone, so whoever listens must read again then.
 * @module
 */
import { exponentialBackoff, withDeadline } from "@celeriac/core/lifecycle";
import type { Clock } from "@celeriac/core/ports";
import { DataSource } from "typeorm";
import type { Database } from "../connect/database.js";
import { destroyConnection } from "../connect/destroy-connection.js";

export interface NotifyListenerOptions {
  readonly database: Database;
  readonly channel: string;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly onAnnounced: (taskId: string) => void;
  /** It listens again; `error` is why it did not. */
  readonly onResumed: (error: unknown) => void;
}

/** What we use of a connection of pg. */
interface PgClient {
  on(event: string, listener: (argument: unknown) => void): unknown;
  query(sql: string): Promise<unknown>;
}

const RECONNECT = exponentialBackoff({ baseMs: 50, maxMs: 5_000 });
/** A connection that died without a word is found out by asking it something. */
const PING_MS = 30_000;

export class NotifyListener implements AsyncDisposable {
  readonly #options: NotifyListenerOptions;
  readonly #stop = new AbortController();
  #isListening = false;
  #running: Promise<void> | undefined;
  #firstTry: Promise<void> | undefined;

  constructor(options: NotifyListenerOptions) {
    this.#options = options;
  }

  get isListening(): boolean {
    return this.#isListening;
  }

  /** Begins to listen, once. Resolves when it does, or has failed to for the first time; it goes on trying. Never rejects. */
  start(): Promise<void> {
    this.#firstTry ??= new Promise((resolve) => {
      this.#running = this.#run(resolve);
    });
    return this.#firstTry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(onTried: () => void): Promise<void> {
    let lost: unknown;
    for (let failures = 0; !this.#stop.signal.aborted; ) {
      try {
        await this.#listen(() => {
          failures = 0;
          if (lost !== undefined) this.#options.onResumed(lost);
          lost = undefined;
          onTried();
        });
      } catch (error) {
        lost = error;
        failures += 1;
      }
      this.#isListening = false;
      onTried();
      if (!this.#stop.signal.aborted) await this.#options.clock.sleep(RECONNECT(failures), this.#stop.signal);
    }
  }

  /** Listens until the connection is lost, which it throws, or we stop. */
  async #listen(onListening: () => void): Promise<void> {
    const { database, timeoutMs } = this.#options;
    const bounded = <T>(work: Promise<T>): Promise<T> =>
      withDeadline(
        work,
        { timeoutMs, signal: this.#stop.signal },
        () => new Error("PostgreSQL did not answer in time."),
      );
    const { source } = await bounded(database.open());
    // Of the same server, but outside the pool: a pool of one would never serve anybody else again.
    const own = new DataSource(alone(source));
    const connecting = own.initialize().then(() => own.createQueryRunner().connect());
    try {
      await this.#hear(asClient(await bounded(connecting)), bounded, onListening);
    } finally {
      // It may come when nobody waits for it any more.
      connecting.then(destroyConnection).catch(() => undefined);
      connecting.finally(() => (own.isInitialized ? own.destroy() : undefined)).catch(() => undefined);
    }
  }

  async #hear(client: PgClient, bounded: <T>(work: Promise<T>) => Promise<T>, onListening: () => void): Promise<void> {
    const over = new AbortController();
    let reason: unknown;
    const end = (error: unknown): void => {
      reason ??= error;
      over.abort();
    };
    client.on("notification", (message) => {
      const taskId = payloadOf(message);
      if (taskId !== undefined) this.#options.onAnnounced(taskId);
    });
    client.on("error", end);
    client.on("end", () => end(new Error("The connection that listens for results was closed.")));
    this.#stop.signal.addEventListener("abort", () => over.abort(), { once: true });
    await bounded(client.query(`LISTEN ${this.#options.database.dialect.quote(this.#options.channel)}`));
    this.#isListening = true;
    onListening();
    while (!over.signal.aborted) {
      await this.#options.clock.sleep(PING_MS, over.signal);
      if (!over.signal.aborted) await bounded(client.query("SELECT 1"));
    }
    if (reason !== undefined) throw reason;
  }
}

/** The same server with one connection, and nothing of the caller's entities. */
function alone(source: DataSource): DataSource["options"] {
  const given = source.options;
  if (given.type !== "postgres") throw new TypeError("Only PostgreSQL announces results.");
  const extra: unknown = given.extra;
  return {
    ...given,
    ...{ entities: [], migrations: [], subscribers: [], synchronize: false, migrationsRun: false, dropSchema: false },
    cache: false,
    installExtensions: false,
    extra: { ...(typeof extra === "object" ? extra : {}), max: 1, maxLifetimeSeconds: 0 },
    poolErrorHandler: () => undefined,
  };
}

function asClient(raw: unknown): PgClient {
  const isClient = typeof raw === "object" && raw !== null && "on" in raw && "query" in raw;
  if (!isClient) throw new TypeError("This driver of PostgreSQL cannot listen.");
  return raw as PgClient; // pg has no types of its own; it is the one driver that typeorm takes for PostgreSQL
}

function payloadOf(message: unknown): string | undefined {
  const isMessage = typeof message === "object" && message !== null && "payload" in message;
  return isMessage && typeof message.payload === "string" ? message.payload : undefined;
}
