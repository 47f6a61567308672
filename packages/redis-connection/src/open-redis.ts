/**
 * One connection to Redis, as narrow as the adapters need it.
 *
 * Invariants: (1) a command is written at once or rejected at once: nothing waits in a queue behind the caller's back.
 * (2) A command whose connection drops is rejected and never sent a second time. (3) Every rejection is a typed error
 * of the role. (4) A dropped connection comes back by itself, with jitter, for as long as it is open.
 * @module
 */
import type { Redis } from "ioredis";
import { ReadyWaiters } from "./ready-waiters.js";
import type { RedisArgument, RedisCommand, RedisConnection } from "./redis-connection.js";
import type { RedisFailureKind, RedisRole } from "./redis-failure.js";
import { describeFailure, failureKind, isTlsRefusal, redisError } from "./redis-failure.js";
import type { RedisScript } from "./redis-script.js";

export interface OpenRedisOptions {
  readonly role: RedisRole;
  /** Where the connection goes, for errors: `host:port` or a path, and nothing secret. */
  readonly place: string;
  /** Whether `client` is the caller's: then it stays open when the connection is disposed. */
  readonly borrowed: boolean;
  /** Whether commands wait at the server: then closing does not wait for them. */
  readonly blocking?: boolean;
  readonly healthCheckIntervalMs: number;
}

/** @param create - Called on first use, so that nothing is read or opened before. May throw `ConfigError`. */
export function openRedis(create: () => Redis, options: OpenRedisOptions): RedisConnection {
  return new IoredisConnection(create, options);
}

/** How long a farewell may take before the socket is cut. */
const QUIT_TIMEOUT_MS = 1000;

class IoredisConnection implements RedisConnection {
  readonly #create: () => Redis;
  readonly #options: OpenRedisOptions;
  readonly #waiters = new ReadyWaiters();
  readonly #readyListeners = new Set<() => void>();
  readonly #lostListeners = new Set<(error: Error) => void>();
  #opened: Redis | undefined;
  #healthTimer: NodeJS.Timeout | undefined;
  #lastError: Error | undefined;
  #closed = false;
  #used = false;
  #pinging = false;
  #wasReady = false;

  constructor(create: () => Redis, options: OpenRedisOptions) {
    this.#create = create;
    this.#options = options;
  }

  get #client(): Redis {
    if (this.#opened !== undefined) return this.#opened;
    const client = this.#create();
    this.#opened = client;
    this.#wasReady = this.ready;
    client.on("ready", this.#handleReady);
    client.on("close", this.#handleClose);
    client.on("end", this.#handleClose);
    client.on("error", this.#handleError);
    this.#healthTimer = setInterval(this.#checkHealth, this.#options.healthCheckIntervalMs);
    this.#healthTimer.unref();
    return client;
  }

  get ready(): boolean {
    const client = this.#opened;
    // A socket that the peer has closed can be "ready" for a moment longer; what is sent then would be refused.
    return client?.status === "ready" && client.stream?.writable === true;
  }

  whenReady(timeoutMs: number, doing: string): Promise<void> {
    if (this.#closed) return Promise.reject(this.#failed("closed", doing));
    if (this.ready) return Promise.resolve();
    const ready = this.#waiters.wait(timeoutMs, doing, () => this.failure("unavailable", doing));
    this.#connect();
    return ready;
  }

  failure(kind: "unavailable" | "timeout", doing: string): Error {
    // What went wrong with an earlier connection says nothing about a server that is slow now.
    return this.#failed(kind, doing, kind === "unavailable" ? this.#lastError : undefined);
  }

  send(name: string, args: readonly RedisArgument[]): Promise<unknown> {
    return this.#guard(name, () => this.#client.call(name, [...args]));
  }

  async sendMany(commands: readonly RedisCommand[]): Promise<readonly PromiseSettledResult<unknown>[]> {
    const only = commands[0];
    if (only === undefined) return [];
    if (commands.length === 1) return Promise.allSettled([this.send(only[0], only[1])]);
    const pipeline = this.#client.pipeline();
    for (const [name, args] of commands) pipeline.call(name, [...args]);
    try {
      const replies = (await this.#guard("a pipeline", () => pipeline.exec())) ?? [];
      return replies.map(([error, value]) =>
        error === null
          ? { status: "fulfilled", value }
          : { status: "rejected", reason: this.#typed("a pipeline", error) },
      );
    } catch (reason) {
      return commands.map(() => ({ status: "rejected", reason }));
    }
  }

  run(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
    return this.#runScript(script, [keys.length, ...keys, ...args], (name, all) => this.#client.call(name, all));
  }

  runForBytes(script: RedisScript, keys: readonly string[], args: readonly RedisArgument[]): Promise<unknown> {
    return this.#runScript(script, [keys.length, ...keys, ...args], (name, all) => this.#client.callBuffer(name, all));
  }

  #runScript(
    script: RedisScript,
    rest: RedisArgument[],
    call: (name: string, args: RedisArgument[]) => Promise<unknown>,
  ): Promise<unknown> {
    return this.#guard("a script", () =>
      call("evalsha", [script.sha, ...rest]).catch((error: unknown) => {
        if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
        return call("eval", [script.lua, ...rest]);
      }),
    );
  }

  onReady(listener: () => void): () => void {
    this.#readyListeners.add(listener);
    return () => this.#readyListeners.delete(listener);
  }

  onLost(listener: (error: Error) => void): () => void {
    this.#lostListeners.add(listener);
    return () => this.#lostListeners.delete(listener);
  }

  reset(): void {
    this.#opened?.disconnect(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#healthTimer);
    this.#waiters.rejectAll((doing) => this.#failed("closed", doing));
    const client = this.#opened;
    if (client === undefined) return;
    client.off("ready", this.#handleReady);
    client.off("close", this.#handleClose);
    client.off("end", this.#handleClose);
    if (this.#options.borrowed) {
      client.off("error", this.#handleError);
      return;
    }
    // QUIT is answered after everything that was sent before it: what is in flight still arrives.
    if (this.ready && !this.#options.blocking) {
      await Promise.race([client.quit().catch(ignore), expire(QUIT_TIMEOUT_MS)]);
    }
    client.disconnect();
    // ioredis 5 leaves this timer running when it disconnects, and the process would wait for it.
    clearTimeout(Reflect.get(client, "socketTimeoutTimer"));
  }

  async #guard<T>(doing: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw this.#failed("closed", `sending ${doing}`);
    this.#used = true;
    try {
      return await work();
    } catch (error) {
      throw this.#typed(doing, error);
    }
  }

  #typed(doing: string, error: unknown): Error {
    if (this.#closed) return this.#failed("closed", `sending ${doing}`);
    // ioredis reports its own bookkeeping ("max retries per request"); the socket's error says why.
    const cause = failureKind(error) === "unavailable" ? (this.#lastError ?? error) : error;
    return redisError(this.#options.role, `sending ${doing}`, cause, this.#options.place);
  }

  #failed(kind: RedisFailureKind, doing: string, cause?: unknown): Error {
    return describeFailure(this.#options.role, kind, doing, cause, this.#options.place);
  }

  #connect(): void {
    try {
      const { status } = this.#client;
      if (this.ready) this.#handleReady(); // a client of the caller's that was connected already
      if (status === "wait" || (status === "end" && !this.#options.borrowed)) this.#client.connect().catch(ignore);
    } catch (error) {
      this.#waiters.rejectAll(() => error); // a certificate that cannot be read: nobody can connect
    }
  }

  readonly #handleReady = (): void => {
    this.#wasReady = true;
    this.#pinging = false;
    this.#lastError = undefined;
    for (const listener of this.#readyListeners) listener();
    this.#waiters.resolveAll();
  };

  readonly #handleClose = (): void => {
    if (!this.#wasReady) return;
    this.#wasReady = false;
    const error = this.#lastError ?? new Error("The connection was closed.");
    const typed = this.#failed("unavailable", "waiting", error);
    for (const listener of this.#lostListeners) listener(typed);
  };

  readonly #handleError = (error: Error): void => {
    this.#lastError = error;
    const kind = failureKind(error);
    // Waiting does not mend these: somebody has to change a password or a certificate.
    if (kind === "auth" || isTlsRefusal(error)) this.#waiters.rejectAll((doing) => this.#failed(kind, doing, error));
  };

  /** Invariant: a connection that is silent for two rounds is dropped. RELIABILITY F6. */
  readonly #checkHealth = (): void => {
    if (!this.ready) return;
    if (this.#pinging) this.reset();
    else if (!this.#used) {
      this.#pinging = true;
      this.#client.ping().then(
        () => {
          this.#pinging = false;
        },
        ignore, // the close that caused it is handled on its own
      );
    }
    this.#used = false;
  };
}

function ignore(): void {}

function expire(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
