/**
 * Celery's results over RPC: each is a message to whoever sent the task, in a queue of their own. A worker sends, a client
 * listens; one connection for each, opened when first needed. Reads like a table of contents.
 * @see PROTOCOL 7.7; Celery `backends/rpc.py`.
 * @module
 */
import type { AmqpAddress } from "@celeriac/amqp-connection";
import { AmqpLink, showAddress, Topology } from "@celeriac/amqp-connection";
import { BackendError } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, GroupStore, Queue, ReplyQueue, ResultBackend, ResultWatcher } from "@celeriac/core/ports";
import type { ResultMeta, ResultRecord } from "@celeriac/core/protocol";
import type { ConsumeMessage } from "amqplib";
import { backendFailure, closedFailure } from "./backend-failure.js";
import type { BackendSettings } from "./backend-settings.js";
import { planReplyQueue } from "./listen/plan-reply-queue.js";
import { readReply } from "./listen/read-reply.js";
import { ReplyListener } from "./listen/reply-listener.js";
import { fingerprint, SeenReplies } from "./listen/seen-replies.js";
import { refuseGroups } from "./refuse-groups.js";
import { ResultTable } from "./results/result-table.js";
import { RpcWatcher } from "./results/rpc-watcher.js";
import { ResultSender } from "./send/result-sender.js";

/** Of results that nobody else can want: those of a queue whose name only we know are settled as they come. */
const PREFETCH = 500;
/** A server that does not answer keeps nobody from leaving. */
const GOODBYE_MS = 3000;

export class RpcBackend implements ResultBackend {
  readonly description: string;
  readonly watcher: ResultWatcher;
  readonly groups: GroupStore;
  readonly replies: ReplyQueue;
  readonly refusesChords: string =
    "results are messages to whoever sent the task, so no worker can count them. A group followed by a task is a chord as well. Take a backend that stores, such as redis://.";
  readonly #settings: BackendSettings;
  readonly #listening: AmqpLink;
  readonly #sending: AmqpLink;
  readonly #topology: Topology;
  readonly #queue: Queue;
  readonly #sender: ResultSender;
  readonly #listener: ReplyListener;
  readonly #table: ResultTable;
  readonly #seen = new SeenReplies(2 * PREFETCH);
  #isClosed = false;

  constructor(servers: readonly [AmqpAddress, ...AmqpAddress[]], settings: BackendSettings) {
    const { connection, timeoutMs, isPersistent, isNamed, address, maxResults, expiresMs, compression } = settings;
    this.description = `rpc ${showAddress(servers[0])}`;
    this.#settings = settings;
    this.#listening = new AmqpLink(servers, connection, "results");
    this.#sending = new AmqpLink(servers, connection, "send results");
    this.#topology = new Topology(this.#listening);
    this.#queue = planReplyQueue(settings);
    this.#sender = new ResultSender({ link: this.#sending, timeoutMs, isPersistent, compression });
    const onOverflow = (): void =>
      connection.onWarning(
        `More than ${maxResults} results came that nobody has forgotten; the oldest are dropped. Raise maxResults, forget() what you have read, or send with ignoreResult.`,
      );
    this.#table = new ResultTable({ maxResults, expiresMs, now: Date.now, onOverflow });
    const watcher = new RpcWatcher(this.#table, (doing, call) => this.#ask(doing, call, () => this.#listener.listen()));
    this.#listener = new ReplyListener({
      link: this.#listening,
      topology: this.#topology,
      queue: this.#queue,
      prefetch: isNamed ? 0 : PREFETCH,
      onMessage: (message, settle) => this.#heard(message, settle),
      onLost: (error) => watcher.report(backendFailure(error)),
      isWanted: () => this.#table.isWatched,
    });
    this.watcher = watcher;
    this.groups = refuseGroups((doing, call) => this.#ask(doing, call, () => Promise.resolve()));
    this.replies = {
      address,
      open: (call) => (this.#listener.isListening ? undefined : this.#open(call)),
    };
  }

  store(record: ResultRecord, call?: CallOptions): Promise<void> {
    if (this.#isClosed) return Promise.reject(closedFailure(`sending the result of task ${record.taskId}`));
    return this.#sender.send(record, call).catch((error: unknown) => Promise.reject(backendFailure(error)));
  }

  async fetch(taskId: string, call?: CallOptions): Promise<ResultMeta | undefined> {
    const isFinal = this.#table.isFinal(taskId);
    await this.#ask(`asking for the result of task ${taskId}`, call, async (over) => {
      if (!isFinal) await this.#listener.sync(over);
    });
    const known = this.#table.get(taskId);
    if (known?.kind === "unreadable") throw known.error;
    return known?.meta;
  }

  async forget(taskId: string, call?: CallOptions): Promise<void> {
    await this.#ask(`forgetting the result of task ${taskId}`, call, async (over) => {
      await this.#listener.sync(over);
      this.#table.delete(taskId);
      if (this.#settings.isNamed) await this.#listener.sync(over); // its answer comes behind the ack
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await new Promise((resolve) => setImmediate(resolve)); // results of this turn are sent first
    const late = (): Error => new Error("no answer"); // then the connections end without one
    await withDeadline(this.#leave(), { timeoutMs: GOODBYE_MS }, late).catch(() => undefined);
    await Promise.all([this.#listening[Symbol.asyncDispose](), this.#sending[Symbol.asyncDispose]()]);
  }

  async #open(call: CallOptions | undefined): Promise<void> {
    await this.#ask("opening the reply queue", call, () => this.#listener.listen());
  }

  async #leave(): Promise<void> {
    await Promise.all([this.#sender.close(), this.#listener.close(closedFailure("waiting for results"))]);
    const { session } = this.#listening;
    if (this.#settings.isNamed || !this.#listener.hasListened || session === undefined) return;
    const { name } = this.#queue; // nobody else knows it
    await this.#topology.use(session, `deleting queue "${name}"`, (channel) => channel.deleteQueue(name));
  }

  /** Results of a named queue stay in it while they are known here: the process that comes after us finds them there. */
  #heard(message: ConsumeMessage, settle: () => void): void {
    const reply = readReply(message, this.#settings.compressions);
    if (reply instanceof Error) {
      this.#settings.connection.onWarning(`${reply.message} It names no task and is dropped.`);
      settle();
      return;
    }
    const { taskId, state } = reply;
    const print = fingerprint(taskId, message.content);
    const { isNamed } = this.#settings;
    const release = isNamed ? settle : () => undefined;
    if (!isNamed) settle();
    if (message.fields.redelivered) {
      if (this.#table.refresh(taskId, { print, release })) return;
      if (this.#seen.has(print)) {
        release();
        return;
      }
    }
    this.#seen.add(print);
    this.#table.put(taskId, { state, print, release });
  }

  /** @param work - Is told when nobody waits for it any more. @throws BackendError, or the signal's reason. */
  async #ask<T>(
    doing: string,
    { signal, timeoutMs = this.#settings.timeoutMs }: CallOptions = {},
    work: (over: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.#isClosed) throw closedFailure(doing);
    signal?.throwIfAborted();
    const over = new AbortController();
    try {
      return await withDeadline(work(over.signal), { timeoutMs, signal }, () => this.#late(doing, timeoutMs));
    } catch (error) {
      throw backendFailure(error);
    } finally {
      over.abort();
    }
  }

  #late(doing: string, timeoutMs: number): Error {
    if (this.#listening.session === undefined) return this.#listening.unavailable(doing);
    return new BackendError(`RabbitMQ did not answer within ${timeoutMs} ms while ${doing}.`, {
      code: "BACKEND_TIMEOUT",
      retryable: true,
    });
  }
}
