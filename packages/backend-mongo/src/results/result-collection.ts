/**
 * Reads and writes documents of `celery_taskmeta`; what is asked for in one tick becomes one command.
 *
 * Invariants: (1) a write resolves only after the server has acknowledged it. (2) One batch is written at a time, so that
 * the last state asked for is the last one stored. (3) A document with SUCCESS is not written again: the command itself
 * sees to that. (4) Nothing is written after its caller was told that it failed, unless it was on its way already.
 * @module
 */
import { isRetryable } from "@celeriac/core/errors";
import {
  type BatchItem,
  createSerialBatch,
  createTickBatch,
  foldStates,
  type SerialBatch,
  withDeadline,
} from "@celeriac/core/lifecycle";
import type { CallOptions } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import type { StoredDocument } from "../connect/mongo-server.js";
import type { MongoSession } from "../connect/mongo-session.js";
import { checkId } from "./check-id.js";
import type { Stamp } from "./own-fields.js";
import { RecentIds } from "./recent-ids.js";
import { decodeDocument, encodeDocument } from "./result-document.js";
import type { ResultValueOptions } from "./result-value.js";
import { insertDocuments, replaceDocuments } from "./store-documents.js";

export interface ResultCollectionOptions {
  readonly session: MongoSession;
  readonly value: ResultValueOptions;
  readonly stamp: Stamp;
  /** Hears which tasks were stored. */
  readonly onStored: (taskIds: readonly string[]) => void;
}

const WRITES_PER_CALL = 1_000;
/** Bytes of results in one batch, unless it is a single one. */
const BATCH_BYTES = 4 * 1_048_576;
const READS_PER_CALL = 250;
/** What somebody waits for, and for how long. */
interface Write {
  readonly document: StoredDocument;
  readonly timeoutMs: number;
}
interface Read {
  readonly taskId: string;
  readonly timeoutMs: number;
}

/** UTF-16 units of the ids in one query, which is a document of 16 MB at most: three bytes each, and some for each id. */
const QUERY_UNITS = 1_048_576;
/** Tasks under way in one process, with room. */
const STARTED_TASKS = 10_000;

export class ResultCollection {
  readonly #options: ResultCollectionOptions;
  readonly #writes: SerialBatch<Write, void>;
  readonly #reads: (read: Read) => Promise<StoredDocument | undefined>;
  /** Of which we have stored a state that another one follows. */
  readonly #started = new RecentIds(STARTED_TASKS);

  constructor(options: ResultCollectionOptions) {
    this.#options = options;
    this.#writes = createSerialBatch({
      flush: (items) => this.#flushWrites(items),
      maxItems: WRITES_PER_CALL,
      maxWeight: BATCH_BYTES,
      weigh: ({ document: { result } }) =>
        typeof result === "string" || result instanceof Uint8Array ? result.length : 1_000,
    });
    this.#reads = createTickBatch((items) => this.#flushReads(items), READS_PER_CALL);
  }

  /** Stores unless SUCCESS is stored. @throws BackendError, EncodeError */
  async write(record: ResultRecord, options?: CallOptions): Promise<void> {
    const { session, stamp, value } = this.#options;
    options?.signal?.throwIfAborted();
    session.refuseWhenClosed("storing a result");
    const { timeoutMs = session.timeoutMs, signal } = options ?? {};
    const submission = this.#writes({ document: encodeDocument(record, stamp(), value), timeoutMs });
    try {
      await this.#bounded({ timeoutMs, signal }, "storing a result", submission.promise);
    } finally {
      submission.withdraw();
    }
  }

  /** `undefined` when nothing is stored. @throws BackendError, DecodeError */
  async read(taskId: string, options?: CallOptions): Promise<ResultMeta | undefined> {
    options?.signal?.throwIfAborted();
    checkId("task id", taskId);
    const { timeoutMs = this.#options.session.timeoutMs, signal } = options ?? {};
    const document = await this.#bounded({ timeoutMs, signal }, "reading a result", this.#reads({ taskId, timeoutMs }));
    return document === undefined ? undefined : decodeDocument(document, this.#options.value);
  }

  /** @throws BackendError */
  async remove(taskId: string, options?: CallOptions): Promise<void> {
    checkId("task id", taskId);
    await this.#options.session.run("forgetting a result", options, ({ tasks }) => tasks.deleteOne({ _id: taskId }));
  }

  /** Resolves when nothing waits to be stored. */
  drain(): Promise<void> {
    return this.#writes.drain();
  }

  /** The documents of the tasks, with these fields or all. @throws BackendError */
  async find(
    taskIds: readonly string[],
    fields?: Readonly<Record<string, 1>>,
    timeoutMs?: number,
  ): Promise<readonly StoredDocument[]> {
    const projection = fields === undefined ? {} : { projection: fields };
    const limits = timeoutMs === undefined ? {} : { timeoutMs };
    const found: StoredDocument[] = [];
    for (const ids of portions(taskIds)) {
      const filter = { _id: ids.length === 1 ? (ids[0] ?? "") : { $in: [...ids] } };
      const some = await this.#options.session.run(`reading ${ids.length} results`, limits, ({ tasks }) =>
        tasks.find(filter, projection).toArray(),
      );
      found.push(...some);
    }
    return found;
  }

  async #flushWrites(items: readonly BatchItem<Write, void>[]): Promise<void> {
    try {
      await this.#store(items.map((item) => item.value));
    } catch (error) {
      // One document that the server refuses must not take the others of its tick down.
      if (items.length === 1 || isRetryable(error)) throw error;
      for (const item of items) await this.#flushWrites([item]).catch((reason: unknown) => item.reject(reason));
    }
    for (const item of items) item.resolve();
  }

  async #store(writes: readonly Write[]): Promise<void> {
    const { session, onStored } = this.#options;
    const documents = foldStates(
      writes.map(({ document }) => document),
      ({ _id, status }) => ({ taskId: _id, status }),
    );
    const started = documents.filter(({ _id }) => this.#started.has(_id));
    const fresh = documents.filter(({ _id }) => !this.#started.has(_id));
    await session.run(`storing ${documents.length} results`, longest(writes), async ({ tasks }) => {
      const replacing = replaceDocuments(tasks, started);
      const present = await insertDocuments(tasks, fresh).catch(async (error: unknown) => {
        await replacing.catch(() => undefined);
        throw error;
      });
      await Promise.all([replacing, replaceDocuments(tasks, present)]);
    });
    for (const { _id, status } of documents) {
      if (status === "SUCCESS") this.#started.delete(_id);
      else this.#started.add(_id);
    }
    onStored(documents.map(({ _id }) => _id));
  }

  async #flushReads(items: readonly BatchItem<Read, StoredDocument | undefined>[]): Promise<void> {
    const reads = items.map((item) => item.value);
    const ids = new Set(reads.map(({ taskId }) => taskId));
    const documents = await this.find([...ids], undefined, longest(reads).timeoutMs);
    const byId = new Map(documents.map((document) => [document._id, document]));
    for (const item of items) item.resolve(byId.get(item.value.taskId));
  }

  #bounded<T>(
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
    doing: string,
    work: Promise<T>,
  ): Promise<T> {
    return withDeadline(work, limits, () => this.#options.session.lateFailure(doing));
  }
}

/** A batch goes on as long as anybody waits for it. */
function longest(items: readonly { readonly timeoutMs: number }[]): { readonly timeoutMs: number } {
  return { timeoutMs: items.reduce((longestMs, { timeoutMs }) => Math.max(longestMs, timeoutMs), 0) };
}

/** Ids that fit into one query together. */
function* portions(ids: readonly string[]): Generator<readonly string[]> {
  let from = 0;
  let units = 0;
  for (const [place, id] of ids.entries()) {
    units += id.length;
    if (units <= QUERY_UNITS) continue;
    if (place > from) yield ids.slice(from, place);
    from = place;
    units = id.length;
  }
  if (from < ids.length) yield ids.slice(from);
}
