/**
 * Celery's SQL result store. Reads like a table of contents. `@see` PROTOCOL 7.9; Celery `backends/database`.
 * @module
 */
import { createPollPace, PollingWatcher, systemClock, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, GroupStore, ResultBackend, ResultWatcher } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import { createSqlChordStore, type SqlChordStore } from "./chords/sql-chord-store.js";
import { cleanUp } from "./clean-up.js";
import type { Database } from "./connect/database.js";
import { SqlSession } from "./connect/sql-session.js";
import { createGroupTable } from "./groups/group-table.js";
import type { BackendSettings } from "./options/backend-settings.js";
import { checkId } from "./results/check-id.js";
import { ResultTable } from "./results/result-table.js";
import { channelName } from "./watch/channel-name.js";
import { NotifyListener } from "./watch/notify-listener.js";
import { createStateReader } from "./watch/state-reader.js";

/** Pauses between looks, in milliseconds. Beside announcements only Python's results are found by looking. */
const OFTEN = { minMs: 50, maxMs: 500 };
const SELDOM = { minMs: 500, maxMs: 2_000 };

export class SqlBackend implements ResultBackend {
  readonly description: string;
  readonly watcher: ResultWatcher;
  readonly groups: GroupStore;
  readonly chords?: SqlChordStore;
  readonly #settings: BackendSettings;
  readonly #session: SqlSession;
  readonly #table: ResultTable;
  readonly #listener: NotifyListener | undefined;
  readonly #watcher: PollingWatcher;

  constructor(database: Database, settings: BackendSettings) {
    const { timeoutMs, maxResultBytes: maxBytes, resultColumn: form, compression, nativeChords } = settings;
    const clock = systemClock;
    const column = { form, maxBytes, compression, compressesGroups: nativeChords };
    const isAnnounced = settings.notify && database.dialect.name === "postgres";
    const channel = isAnnounced ? channelName(settings.tables.task) : undefined;
    const session = new SqlSession({ database, timeoutMs });
    this.description = database.description;
    this.#settings = settings;
    this.#session = session;
    this.groups = createGroupTable({ session, clock });
    if (nativeChords) this.chords = createSqlChordStore({ session, clock });
    const onStored = (taskIds: readonly string[]): void => this.#watcher.changed(taskIds);
    this.#table = new ResultTable({ session, column, clock, channel, onStored });
    this.#listener = channel === undefined ? undefined : this.#createListener(database, channel);
    this.#watcher = new PollingWatcher({
      ...createStateReader(this.#table, column),
      clock,
      timeoutMs,
      pace: createPollPace(() => {
        const { minMs, maxMs } = this.#listener?.isListening === true ? SELDOM : OFTEN;
        return { minMs: settings.pollMinMs ?? minMs, maxMs: settings.pollMaxMs ?? maxMs };
      }),
      listen: async () => this.#listener?.start(),
      checkId: (taskId) => checkId("task id", taskId),
      readsPerCall: 1_000,
      tooLate: (taskId) => session.lateFailure(`watching task ${taskId}`),
    });
    this.watcher = this.#watcher;
  }

  store(record: ResultRecord, options?: CallOptions): Promise<void> {
    return this.#table.write(record, options);
  }

  fetch(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined> {
    return this.#table.read(taskId, options);
  }

  forget(taskId: string, options?: CallOptions): Promise<void> {
    return this.#table.remove(taskId, options);
  }

  cleanup(olderThanMs: number, options?: CallOptions): Promise<number> {
    const { nativeChords } = this.#settings;
    return cleanUp({ session: this.#session, clock: systemClock, nativeChords }, olderThanMs, options);
  }

  /** Lets what was asked for finish, within the deadline of a call, then closes what we opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.beginClosing();
    await new Promise((resolve) => setImmediate(resolve)); // reads of this tick are sent first
    const drained = Promise.all([
      this.#table.drain(),
      this.chords?.drain(),
      this.#watcher[Symbol.asyncDispose](),
      this.#listener?.[Symbol.asyncDispose](),
    ]);
    const limits = { timeoutMs: this.#settings.timeoutMs };
    await withDeadline(drained, limits, () => new Error("It takes too long.")).catch(() => undefined);
    await this.#session[Symbol.asyncDispose]();
  }

  #createListener(database: Database, channel: string): NotifyListener {
    return new NotifyListener({
      database,
      channel,
      clock: systemClock,
      timeoutMs: this.#settings.timeoutMs,
      onAnnounced: (taskId) => this.#watcher.changed([taskId]),
      onResumed: (error) => this.#watcher.missed(error),
    });
  }
}
