/**
 * One life of a connection. Once lost it never comes back: whoever used it asks the link for the next one, and nothing of
 * this one (channels, delivery tags, consumer tags) is used there.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import { createDeferred, type Deferred, withDeadline } from "@celeriac/core/lifecycle";
import type { Channel, ChannelModel, ConfirmChannel } from "amqplib";
import { type AmqpAddress, showAddress } from "./amqp-address.js";
import { Turns } from "./turns.js";

const CLOSE_TIMEOUT_MS = 2000;
/** Channels for declarations and questions at a time. The server allows 2047 in all; consumers need theirs. */
const MAX_TURNS = 64;
/** Time for the last bytes of a connection that has ended; then the socket goes, whether the peer answers or not. */
const LINGER_MS = 500;

export class AmqpSession implements AsyncDisposable {
  readonly address: AmqpAddress;
  /** Of work that opens a channel for itself and closes it again. */
  readonly turns: Turns = new Turns(MAX_TURNS);
  readonly #model: ChannelModel;
  readonly #onLost = new Set<(error: BrokerError) => void>();
  #lost: BrokerError | undefined;
  #cause: Error | undefined;
  #isClosing = false;
  #blocked: { readonly reason: string; readonly ended: Deferred<void> } | undefined;

  constructor(model: ChannelModel, address: AmqpAddress, onWarning: (message: string) => void) {
    this.#model = model;
    this.address = address;
    model.on("error", (error) => {
      this.#cause ??= error;
    });
    model.on("close", (error) => this.#end(error ?? this.#cause));
    model.on("blocked", (reason) => {
      this.#blocked = { reason, ended: createDeferred<void>() };
      onWarning(`RabbitMQ at ${showAddress(address)} takes no messages for now: ${reason}. Publishing waits for it.`);
    });
    model.on("unblocked", () => this.#unblock());
  }

  /** Why it is gone, or `undefined` while it is there. */
  get lost(): BrokerError | undefined {
    return this.#lost;
  }

  /** Why the server takes no messages from this connection: `low on memory`, `low on disk`. */
  get blockedBy(): string | undefined {
    return this.#blocked?.reason;
  }

  /** Resolves when messages are taken again; rejects with the loss of the connection. */
  whenUnblocked(): Promise<void> {
    return this.#blocked?.ended.promise ?? Promise.resolve();
  }

  /** @returns Forgets the listener. A session that is lost already calls at once. */
  onLost(listener: (error: BrokerError) => void): () => void {
    if (this.#lost === undefined) this.#onLost.add(listener);
    else listener(this.#lost);
    return () => this.#onLost.delete(listener);
  }

  /** @throws what amqplib says, or the loss. */
  async openChannel(): Promise<Channel> {
    if (this.#lost !== undefined) throw this.#lost;
    return quieted(await this.#model.createChannel());
  }

  async openConfirmChannel(): Promise<ConfirmChannel> {
    if (this.#lost !== undefined) throw this.#lost;
    return quieted(await this.#model.createConfirmChannel());
  }

  /** Says goodbye, and does not wait long for an answer. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#lost !== undefined) return;
    this.#isClosing = true;
    const closed = this.#model.close().catch(() => undefined); // gone already is as good
    const late = (): Error => new Error("no answer");
    await withDeadline(closed, { timeoutMs: CLOSE_TIMEOUT_MS }, late).catch(() => undefined);
    this.#end(undefined);
  }

  #end(cause: Error | undefined): void {
    if (this.#lost !== undefined) return;
    const detail = cause === undefined ? "" : `: ${cause.message}`;
    this.#lost = new BrokerError(
      this.#isClosing
        ? "The connection to RabbitMQ was closed on this side."
        : `The connection to RabbitMQ at ${showAddress(this.address)} was lost${detail}.`,
      { code: "BROKER_UNAVAILABLE", retryable: true, cause },
    );
    this.#unblock();
    setTimeout(() => destroySocket(this.#model.connection), this.#isClosing ? 0 : LINGER_MS);
    for (const listener of this.#onLost) listener(this.#lost);
    this.#onLost.clear();
  }

  #unblock(): void {
    this.#blocked?.ended.resolve();
    this.#blocked = undefined;
  }
}

/** A channel's error also rejects what was asked of it, and `close` follows: the event itself tells nothing more. */
function quieted<T extends Channel>(channel: T): T {
  channel.on("error", () => undefined);
  return channel;
}

/** amqplib ends its socket politely, which a peer that is frozen or cut off never answers. */
function destroySocket(connection: unknown): void {
  if (typeof connection !== "object" || connection === null || !("stream" in connection)) return;
  const { stream } = connection;
  if (typeof stream !== "object" || stream === null || !("destroy" in stream)) return;
  if (typeof stream.destroy === "function") stream.destroy();
}
