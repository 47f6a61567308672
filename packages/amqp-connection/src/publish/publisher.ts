/**
 * Sends messages and knows what became of them.
 *
 * Invariants: (1) a publish resolves only after the server has confirmed the message, and rejects when it was returned as
 * unroutable. (2) Nothing is written after its caller was told that it failed. (3) A message is sent a second time only when
 * the server is known not to have taken it: it was returned and its queue could be declared again, or its channel was
 * closed because of another one in front of it. RELIABILITY G1.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, Queue } from "@celeriac/core/ports";
import type { AmqpLink } from "../connection/amqp-link.js";
import { closedError } from "../connection/amqp-link.js";
import type { AmqpSession } from "../connection/amqp-session.js";
import { channelFailure } from "../connection/channel-failure.js";
import type { Topology } from "../topology/topology.js";
import type { EncodedMessage } from "../wire/message-codec.js";
import { ConfirmedWriter, type Destination, type Outcome } from "./confirm-channel.js";
import { noExchange } from "./publish-fates.js";

export interface Outgoing extends Destination {
  readonly encoded: EncodedMessage;
  /** Declared before the first message goes there. */
  readonly queue?: Queue | undefined;
  /** Sees to it that all is there that the message needs on its way, and says where it goes instead. */
  readonly prepare?: ((timeoutMs: number) => Promise<Destination>) | undefined;
}

/** A message on behalf of a caller who waits. */
interface Sending {
  readonly outgoing: Outgoing;
  readonly timeoutMs: number;
  /** It is on its way: a failure leaves open whether it is stored. */
  isWritten: boolean;
  /** Its caller was told that it failed. */
  isGivenUp: boolean;
  /** It came back once, and its queue was declared again. */
  isReturned: boolean;
}

/** All that is needed to write a message. */
interface Way {
  readonly writer: ConfirmedWriter;
  readonly destination: Destination;
}

export interface PublisherOptions {
  readonly link: AmqpLink;
  readonly topology: Topology;
  readonly timeoutMs: number;
}

const DOING = "publishing a message";

export class Publisher {
  readonly #options: PublisherOptions;
  #writer: { readonly session: AmqpSession; readonly writer: ConfirmedWriter } | undefined;
  #opening: Promise<ConfirmedWriter> | undefined;
  #isClosing = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /**
   * @throws BrokerError `BROKER_UNAVAILABLE` (not sent), `BROKER_REFUSED` (not stored), `UNROUTABLE`, and when it is open
   *   whether it is stored: `PUBLISH_TIMEOUT`, `PUBLISH_UNCONFIRMED`.
   */
  publish(outgoing: Outgoing, call: CallOptions = {}): Promise<void> {
    const { signal, timeoutMs = this.#options.timeoutMs } = call;
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#isClosing || this.#options.link.isClosed) return Promise.reject(closedError(DOING));
    const sending: Sending = { outgoing, timeoutMs, isWritten: false, isGivenUp: false, isReturned: false };
    const sent = withDeadline(this.#send(sending), { timeoutMs, signal }, () => this.#late(sending));
    if (signal === undefined) return sent;
    return sent.finally(() => {
      sending.isGivenUp = true; // the signal may have ended the wait
    });
  }

  /** Lets what was written be confirmed; what was not is refused with `BROKER_CLOSED`. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#writer?.writer.close();
  }

  async #send(sending: Sending): Promise<void> {
    for (;;) {
      const { writer, destination } = this.#ready(sending.outgoing) ?? (await this.#prepare(sending));
      if (sending.isGivenUp) return; // the caller has been told; writing now would break invariant 2
      if (this.#isClosing) throw closedError(DOING);
      sending.isWritten = true;
      const outcome = await write(writer, destination, sending.outgoing);
      if (outcome.kind === "stored") return;
      if (outcome.kind === "failed") throw outcome.error;
      // Each channel that ended in front of it has cost the message to blame: the round after the last of those stores it.
      if (outcome.kind === "returned" && !this.#mayRepeat(sending)) throw unroutable(sending.outgoing);
      sending.isWritten = false;
    }
  }

  /** A returned message goes out again once, when declaring its queue may help: somebody has deleted it since. */
  #mayRepeat(sending: Sending): boolean {
    const { queue, prepare } = sending.outgoing;
    if (sending.isReturned || (queue === undefined && prepare === undefined)) return false;
    sending.isReturned = true;
    this.#options.topology.forget();
    return true;
  }

  /** When nothing has to be awaited: messages of one turn are then written in their order. */
  #ready(outgoing: Outgoing): Way | undefined {
    const { link, topology } = this.#options;
    const { queue, prepare, exchange } = outgoing;
    const { session } = link;
    if (session === undefined || this.#writer?.session !== session || this.#writer.writer.isEnded) return undefined;
    if (session.blockedBy !== undefined || prepare !== undefined) return undefined;
    const isThere = queue === undefined ? topology.isExchangeKnown(exchange) : topology.isDeclared(queue);
    return isThere ? { writer: this.#writer.writer, destination: outgoing } : undefined;
  }

  async #prepare({ outgoing, timeoutMs }: Sending): Promise<Way> {
    const { link, topology } = this.#options;
    const { queue, prepare } = outgoing;
    const session = await link.connect(DOING, { timeoutMs });
    await session.whenUnblocked();
    if (queue !== undefined) await topology.declare(queue, { timeoutMs });
    const destination = prepare === undefined ? outgoing : await prepare(timeoutMs);
    const { exchange } = destination;
    if (!topology.isExchangeKnown(exchange) && !(await topology.hasExchange(exchange, { timeoutMs }))) {
      throw noExchange(exchange);
    }
    return { writer: await this.#open(timeoutMs), destination };
  }

  /** One channel for all, opened again when it has ended. */
  async #open(timeoutMs: number): Promise<ConfirmedWriter> {
    const session = await this.#options.link.connect(DOING, { timeoutMs });
    if (this.#writer?.session === session && !this.#writer.writer.isEnded) return this.#writer.writer;
    this.#opening ??= this.#openOn(session).finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openOn(session: AmqpSession): Promise<ConfirmedWriter> {
    try {
      const channel = await session.openConfirmChannel();
      const writer = new ConfirmedWriter(channel, (code) => {
        if (code === 404) this.#options.topology.forget(); // an exchange that was there is gone
      });
      this.#writer = { session, writer };
      return writer;
    } catch (error) {
      throw channelFailure(error, "opening a channel");
    }
  }

  #late(sending: Sending): BrokerError {
    sending.isGivenUp = true;
    const { link } = this.#options;
    const { timeoutMs, isWritten } = sending;
    if (isWritten) {
      const text = `RabbitMQ did not confirm the message within ${timeoutMs} ms: it may or may not be stored. Send it again with the same id.`;
      return new BrokerError(text, { code: "PUBLISH_TIMEOUT", retryable: true });
    }
    const blockedBy = link.session?.blockedBy;
    if (blockedBy === undefined) return link.unavailable(DOING);
    const text = `RabbitMQ takes no messages for now (${blockedBy}); this one was not sent within ${timeoutMs} ms.`;
    return new BrokerError(text, { code: "BROKER_REFUSED", retryable: true });
  }
}

function write(writer: ConfirmedWriter, destination: Destination, { encoded }: Outgoing): Promise<Outcome> {
  return new Promise((resolve) => writer.write(destination, encoded, resolve));
}

function unroutable({ exchange, routingKey }: Outgoing): BrokerError {
  const place =
    exchange === ""
      ? `There is no queue "${routingKey}"`
      : `No queue is bound to exchange "${exchange}" for routing key "${routingKey}"`;
  return new BrokerError(`${place}, so RabbitMQ returned the message. Declare the queue first, or correct the route.`, {
    code: "UNROUTABLE",
  });
}
