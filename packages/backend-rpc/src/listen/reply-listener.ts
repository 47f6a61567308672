/**
 * Takes results from the reply queue, over one connection after another for as long as it is open.
 *
 * Invariants: (1) a message is acknowledged only when it is settled, and then over the channel that brought it: what was in
 * flight when a connection broke comes again. (2) Once `sync` resolves, everything that was in the queue when it was called
 * has been handed over.
 * @module
 */
import type { AmqpLink, AmqpSession, Topology } from "@celeriac/amqp-connection";
import { channelFailure } from "@celeriac/amqp-connection";
import { BrokerError, isRetryable } from "@celeriac/core/errors";
import {
  createDeferred,
  createTickBatch,
  type Deferred,
  exponentialBackoff,
  startLoop,
  systemClock,
} from "@celeriac/core/lifecycle";
import type { Queue } from "@celeriac/core/ports";
import type { Channel, ConsumeMessage } from "amqplib";
import { AckBatch } from "./ack-batch.js";

export interface ReplyListenerOptions {
  readonly link: AmqpLink;
  readonly topology: Topology;
  readonly queue: Queue;
  /** Unsettled messages at most; 0 sets no limit. */
  readonly prefetch: number;
  /** Hears of every message in the order of the queue. Must not throw. */
  readonly onMessage: (message: ConsumeMessage, settle: () => void) => void;
  /** The connection is gone, or could not be made; it is tried again while anybody wants it. */
  readonly onLost: (error: unknown) => void;
  /** Whether somebody waits for news: then even a refusal is tried again. */
  readonly isWanted: () => boolean;
}

const DOING = "listening for results";
/** For one attempt; whoever waits has a deadline of their own. */
const ATTEMPT_MS = 60_000;
const RECONNECT = exponentialBackoff({ baseMs: 100, maxMs: 2000 });

export class ReplyListener {
  readonly #options: ReplyListenerOptions;
  /** What is asked for in one turn is one question. */
  readonly #syncs = createTickBatch<AbortSignal, void>(async (items) => {
    await this.#syncFor(items.map(({ value }) => value));
    for (const item of items) item.resolve();
  });
  #channel: Channel | undefined;
  #coming: Deferred<Channel> | undefined;
  #loop: AsyncDisposable | undefined;
  #hasListened = false;
  /** Messages that have come, over all channels. */
  #delivered = 0;
  #closed: Error | undefined;

  constructor(options: ReplyListenerOptions) {
    this.#options = options;
  }

  /** Whether the queue is there and its messages come. */
  get isListening(): boolean {
    return this.#channel !== undefined;
  }

  /** Whether there is a queue of ours at the server. */
  get hasListened(): boolean {
    return this.#hasListened;
  }

  /** The channel that messages come over, now or next. @throws BrokerError at once when waiting would change nothing. */
  listen(): Promise<Channel> {
    if (this.#channel !== undefined) return Promise.resolve(this.#channel);
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    this.#coming ??= createDeferred<Channel>();
    this.#coming.promise.catch(() => undefined); // whoever waits may have left
    this.#loop ??= startLoop({
      step: (signal) => this.#listenOnce(signal),
      intervalMs: 0,
      backoff: RECONNECT,
      clock: systemClock,
      onError: (error) => this.#failed(error),
    });
    return this.#coming.promise;
  }

  /**
   * Resolves once all that is in the queue now has been handed over, however fast more comes. A queue hands its messages to
   * the channel before it says that it has none left; the answer to the question after that comes behind them.
   * @param signal - Nobody waits any more.
   */
  sync(signal: AbortSignal): Promise<void> {
    return this.#syncs(signal);
  }

  async #syncFor(signals: readonly AbortSignal[]): Promise<void> {
    const { name } = this.#options.queue;
    const isOver = (): boolean => signals.every(({ aborted }) => aborted);
    while (!isOver()) {
      const channel = await this.listen();
      try {
        const { messageCount } = await channel.checkQueue(name);
        const enough = this.#delivered + messageCount;
        // Some may have expired, or gone to another consumer: then the queue is empty first.
        while (this.#delivered < enough && !isOver()) {
          if ((await channel.checkQueue(name)).messageCount === 0) break;
        }
        await channel.checkQueue(name);
        return;
      } catch (error) {
        if (this.#channel === channel) throw channelFailure(error, "asking for results"); // else it ended: the next one tells
      }
    }
  }

  /** @param reason - For whoever still waits. */
  async close(reason: Error): Promise<void> {
    this.#closed = reason;
    this.#coming?.reject(reason);
    await this.#loop?.[Symbol.asyncDispose]();
  }

  #failed(error: unknown): void {
    this.#options.onLost(error);
    if (isRetryable(error)) return;
    this.#coming?.reject(error);
    this.#coming = undefined;
    if (this.#options.isWanted()) return;
    const loop = this.#loop;
    this.#loop = undefined; // the next call tries again
    Promise.resolve(loop?.[Symbol.asyncDispose]()).catch(() => undefined); // nothing is open
  }

  /** Ends when the signal aborts, or with the reason for which no message will come any more. */
  async #listenOnce(signal: AbortSignal): Promise<void> {
    const { link, topology, queue } = this.#options;
    const call = { timeoutMs: ATTEMPT_MS, signal };
    const session = await link.connect(DOING, call);
    topology.forgetQueue(queue); // it may have gone
    await topology.declare(queue, call);
    const ended = createDeferred<void>();
    ended.promise.catch(() => undefined); // a channel that ends while it is being opened is reported by what opens it
    const stop = (): void => ended.resolve();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    let channel: Channel | undefined;
    try {
      channel = await this.#consume(session, ended.reject);
      await ended.promise;
    } finally {
      signal.removeEventListener("abort", stop);
      this.#channel = undefined;
      await channel?.close().catch(() => undefined); // ended already
    }
  }

  async #consume(session: AmqpSession, onEnd: (error: BrokerError) => void): Promise<Channel> {
    const { queue, prefetch, onMessage } = this.#options;
    try {
      const channel = await session.openChannel();
      const acks = new AckBatch(channel);
      let reason: unknown;
      channel.on("error", (error: unknown) => {
        reason = error;
      });
      channel.on("close", () => {
        if (this.#channel === channel) this.#channel = undefined;
        acks.end();
        onEnd(session.lost ?? ended(reason));
      });
      const counted = channel.prefetch(prefetch);
      const consuming = channel.consume(queue.name, (message) => {
        if (message === null) onEnd(cancelled(queue.name));
        else {
          this.#delivered += 1;
          onMessage(message, () => acks.add(message));
        }
      });
      await Promise.all([counted, consuming]);
      this.#channel = channel;
      this.#hasListened = true;
      this.#coming?.resolve(channel);
      this.#coming = undefined;
      return channel;
    } catch (error) {
      throw channelFailure(error, DOING);
    }
  }
}

function ended(reason: unknown): BrokerError {
  const said = reason instanceof Error ? `: ${reason.message}` : "";
  return new BrokerError(`RabbitMQ closed the channel that results come over${said}.`, {
    code: "BROKER_UNAVAILABLE",
    retryable: true,
    cause: reason,
  });
}

function cancelled(name: string): BrokerError {
  const text = `RabbitMQ deleted the reply queue "${name}", or its node went away: results in it are lost.`;
  return new BrokerError(text, { code: "BROKER_UNAVAILABLE", retryable: true });
}
