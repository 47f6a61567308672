/**
 * Celery's MongoDB result store. Reads like a table of contents. `@see` PROTOCOL 7.8; Celery `backends/mongodb.py`.
 * @module
 */
import { createPollPace, PollingWatcher, systemClock, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, GroupStore, ResultBackend, ResultWatcher } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import { createMongoChordStore, type MongoChordStore } from "./chords/mongo-chord-store.js";
import { cleanUp } from "./clean-up.js";
import type { MongoServer } from "./connect/mongo-server.js";
import { MongoSession } from "./connect/mongo-session.js";
import { createGroupCollection } from "./groups/group-collection.js";
import type { BackendSettings } from "./options/backend-settings.js";
import { checkId } from "./results/check-id.js";
import { createStamp } from "./results/own-fields.js";
import { ResultCollection } from "./results/result-collection.js";
import { ChangeListener } from "./watch/change-listener.js";
import { openChangeFeed } from "./watch/open-change-feed.js";
import { createStateReader } from "./watch/state-reader.js";

/** Pauses between looks, in milliseconds. Beside a change stream they only make sure. */
const OFTEN = { minMs: 50, maxMs: 500 };
const SELDOM = { minMs: 1_000, maxMs: 10_000 };

export class MongoBackend implements ResultBackend {
  readonly description: string;
  readonly watcher: ResultWatcher;
  readonly groups: GroupStore;
  readonly chords?: MongoChordStore;
  readonly #settings: BackendSettings;
  readonly #session: MongoSession;
  readonly #results: ResultCollection;
  readonly #listener: ChangeListener | undefined;
  readonly #watcher: PollingWatcher;

  constructor(server: MongoServer, settings: BackendSettings) {
    const { timeoutMs, form, maxResultBytes: maxBytes, expiresMs, compression, nativeChords } = settings;
    const clock = systemClock;
    const value = { form, maxBytes, compression, compressesGroups: nativeChords };
    const stamp = createStamp(clock, expiresMs);
    const session = new MongoSession({ server, timeoutMs });
    this.description = server.description;
    this.#settings = settings;
    this.#session = session;
    this.groups = createGroupCollection({ session, value, stamp, clock });
    if (nativeChords) this.chords = createMongoChordStore({ session, clock });
    const onStored = (taskIds: readonly string[]): void => this.#watcher.changed(taskIds);
    this.#results = new ResultCollection({ session, value, stamp, onStored });
    this.#listener = settings.changeStream ? this.#createListener(server) : undefined;
    this.#watcher = new PollingWatcher({
      ...createStateReader(this.#results, value),
      clock,
      timeoutMs,
      pace: createPollPace(() => {
        const { minMs, maxMs } = this.#listener?.isListening === true ? SELDOM : OFTEN;
        return { minMs: settings.pollMinMs ?? minMs, maxMs: settings.pollMaxMs ?? maxMs };
      }),
      listen: async () => this.#listener?.start(),
      checkId: (taskId) => checkId("task id", taskId),
      readsPerCall: 5_000,
      tooLate: (taskId) => session.lateFailure(`watching task ${taskId}`),
    });
    this.watcher = this.#watcher;
  }

  store(record: ResultRecord, options?: CallOptions): Promise<void> {
    return this.#results.write(record, options);
  }

  fetch(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined> {
    return this.#results.read(taskId, options);
  }

  forget(taskId: string, options?: CallOptions): Promise<void> {
    return this.#results.remove(taskId, options);
  }

  cleanup(olderThanMs: number, options?: CallOptions): Promise<number> {
    const { nativeChords } = this.#settings;
    return cleanUp({ session: this.#session, clock: systemClock, nativeChords }, olderThanMs, options);
  }

  /** Lets what was asked for finish, within one deadline more, then closes what we opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // reads of this tick are sent first
    await Promise.all([this.#drain(), this.#watcher[Symbol.asyncDispose](), this.#listener?.[Symbol.asyncDispose]()]);
    await this.#session[Symbol.asyncDispose]();
  }

  /** Stores wait for the batch before theirs; those that still do when this is over are refused by the closed session. */
  async #drain(): Promise<void> {
    const drained = Promise.all([this.#results.drain(), this.chords?.drain()]);
    const { timeoutMs } = this.#settings;
    await withDeadline(drained, { timeoutMs }, () => new Error("It takes too long.")).catch(() => undefined);
  }

  #createListener(server: MongoServer): ChangeListener {
    const { timeoutMs } = this.#settings;
    return new ChangeListener({
      openFeed: () => openChangeFeed(server, timeoutMs),
      clock: systemClock,
      timeoutMs,
      onChanged: (taskId) => this.#watcher.changed([taskId]),
      onResumed: (error) => this.#watcher.missed(error),
    });
  }
}
