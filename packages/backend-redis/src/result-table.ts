/**
 * Reads and writes documents by key; what is asked for in one tick becomes one command.
 *
 * Invariants: (1) a write resolves only after the server has answered it. (2) Nothing waits longer than its deadline,
 * and nothing is written after its caller was told that it failed.
 * @module
 */
import type { BatchItem } from "@celeriac/core/lifecycle";
import { createTickBatch, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import type { RedisConnection } from "@celeriac/redis-connection";
import { listReply, textReply } from "@celeriac/redis-connection";
import { STORE_SCRIPT } from "./store-script.js";

export interface ResultTableOptions {
  readonly connection: RedisConnection;
  readonly expirySeconds: number;
  readonly timeoutMs: number;
}

interface Document {
  readonly key: string;
  readonly text: string;
}

/** Keeps a script call from holding up the server for long. */
const WRITES_PER_CALL = 250;

export class ResultTable {
  readonly #options: ResultTableOptions;
  readonly #writes: (document: Document) => Promise<void>;
  readonly #reads: (key: string) => Promise<string | undefined>;

  constructor(options: ResultTableOptions) {
    this.#options = options;
    this.#writes = createTickBatch((items) => this.#flushWrites(items), WRITES_PER_CALL);
    this.#reads = createTickBatch((items) => this.#flushReads(items));
  }

  /** Stores unless SUCCESS is stored, and announces. @throws BackendError */
  write(key: string, text: string, options?: CallOptions): Promise<void> {
    return this.#bounded(options, "storing a result", () => this.#writes({ key, text }));
  }

  /** @throws BackendError */
  read(key: string, options?: CallOptions): Promise<string | undefined> {
    return this.#bounded(options, "reading a result", () => this.#reads(key));
  }

  /** @throws BackendError */
  async remove(key: string, options?: CallOptions): Promise<void> {
    const timeoutMs = options?.timeoutMs ?? this.#options.timeoutMs;
    await this.#bounded(options, "forgetting a result", () =>
      this.#ask("forgetting a result", timeoutMs, (connection) => connection.send("del", [key])),
    );
  }

  async #flushWrites(items: readonly BatchItem<Document, void>[]): Promise<void> {
    const { expirySeconds, timeoutMs } = this.#options;
    await this.#ask(`storing ${items.length} results`, timeoutMs, (connection) =>
      connection.run(
        STORE_SCRIPT,
        items.map((item) => item.value.key),
        [expirySeconds, ...items.map((item) => item.value.text)],
      ),
    );
    for (const item of items) item.resolve();
  }

  async #flushReads(items: readonly BatchItem<string, string | undefined>[]): Promise<void> {
    const reply = await this.#ask(`reading ${items.length} results`, this.#options.timeoutMs, (connection) =>
      connection.send(
        "mget",
        items.map((item) => item.value),
      ),
    );
    const texts = listReply(reply);
    items.forEach((item, index) => {
      item.resolve(textReply(texts[index]));
    });
  }

  /** One timer per batch; writes nothing once the deadline has passed. */
  #ask<T>(doing: string, timeoutMs: number, work: (connection: RedisConnection) => Promise<T>): Promise<T> {
    const { connection } = this.#options;
    let written = false;
    const answered = (async () => {
      if (!connection.ready) await connection.whenReady(timeoutMs, doing);
      written = true;
      return work(connection);
    })();
    return withDeadline(answered, { timeoutMs }, () => connection.failure(written ? "timeout" : "unavailable", doing));
  }

  /** Applies the caller's own limits, which most calls do not have. */
  #bounded<T>(options: CallOptions | undefined, doing: string, work: () => Promise<T>): Promise<T> {
    const { signal, timeoutMs } = options ?? {};
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (signal === undefined && timeoutMs === undefined) return work();
    const { connection } = this.#options;
    return withDeadline(work(), { timeoutMs: timeoutMs ?? this.#options.timeoutMs * 2, signal }, () =>
      connection.failure(connection.ready ? "timeout" : "unavailable", doing),
    );
  }
}
