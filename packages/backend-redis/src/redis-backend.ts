/**
 * Celery's Redis result store. Reads like a table of contents. `@see` PROTOCOL 7.4; Celery `backends/redis.py`.
 * @module
 */
import type {
  CallOptions,
  ChordStore,
  GroupStore,
  ResultBackend,
  ResultTuple,
  ResultWatcher,
} from "@celeriac/core/ports";
import type { ResultCompression, ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import { decodeGroupMeta, decodeResultMeta, encodeGroupMeta, encodeResultMeta } from "@celeriac/core/protocol";
import type { RedisConnection, RedisServer, RedisSubscriber } from "@celeriac/redis-connection";
import { describeFailure } from "@celeriac/redis-connection";
import type { BackendSettings } from "./backend-settings.js";
import { outliving } from "./chords/expiry.js";
import { createRedisChordStore } from "./chords/redis-chord-store.js";
import { createRedisWatcher } from "./redis-watcher.js";
import type { ResultKeys } from "./result-keys.js";
import { createResultKeys } from "./result-keys.js";
import { ResultTable } from "./result-table.js";

export class RedisBackend implements ResultBackend {
  readonly description: string;
  readonly watcher: ResultWatcher;
  readonly groups: GroupStore;
  readonly chords: ChordStore;
  readonly #connection: RedisConnection;
  readonly #keys: ResultKeys;
  readonly #table: ResultTable;
  readonly #compression: ResultCompression;
  #subscriber: RedisSubscriber | undefined;
  #closed = false;

  constructor(server: RedisServer, settings: BackendSettings) {
    const { hostname, port, db } = server.address;
    this.description = `redis ${port === undefined ? hostname : `${hostname}:${port}`}/${db}`;
    this.#connection = server.openCommands();
    this.#keys = createResultKeys(settings.keyPrefix);
    this.#compression = settings.compression;
    this.#table = new ResultTable({ connection: this.#connection, ...settings });
    // A header's shape is read when its last member ends, however soon results expire.
    const expirySeconds = outliving(settings.expirySeconds);
    this.groups = groupStore(new ResultTable({ connection: this.#connection, ...settings, expirySeconds }), this.#keys);
    this.chords = createRedisChordStore({ connection: this.#connection, keys: this.#keys, ...settings });
    this.watcher = createRedisWatcher({
      subscriber: () => {
        if (this.#closed) throw describeFailure("backend", "closed", "watching a task");
        this.#subscriber ??= server.openSubscriber();
        return this.#subscriber;
      },
      keys: this.#keys,
      read: (key) => this.#table.read(key),
      decode: (text, taskId) => decodeResultMeta(this.#compression.decompressText(text), taskId),
      timeoutMs: settings.timeoutMs,
    });
  }

  store(record: ResultRecord, options?: CallOptions): Promise<void> {
    let text: string;
    try {
      text = this.#compression.compressText(encodeResultMeta(record), record.status);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#table.write(this.#keys.task(record.taskId), text, options);
  }

  async fetch(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined> {
    const text = await this.#table.read(this.#keys.task(taskId), options);
    return text === undefined ? undefined : decodeResultMeta(this.#compression.decompressText(text), taskId);
  }

  forget(taskId: string, options?: CallOptions): Promise<void> {
    return this.#table.remove(this.#keys.task(taskId), options);
  }

  /** Lets what is in flight finish, then closes what we opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await new Promise((resolve) => setImmediate(resolve)); // stores of this tick are written first
    await Promise.all([this.#connection[Symbol.asyncDispose](), this.#subscriber?.[Symbol.asyncDispose]()]);
  }
}

function groupStore(table: ResultTable, keys: ResultKeys): GroupStore {
  return {
    save: (groupId: string, tuple: ResultTuple, options?: CallOptions) =>
      table.write(keys.group(groupId), encodeGroupMeta(tuple), options),
    async restore(groupId: string, options?: CallOptions): Promise<ResultTuple | undefined> {
      const text = await table.read(keys.group(groupId), options);
      return text === undefined ? undefined : decodeGroupMeta(text);
    },
    delete: (groupId: string, options?: CallOptions) => table.remove(keys.group(groupId), options),
  };
}
