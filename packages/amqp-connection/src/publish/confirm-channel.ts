/**
 * One channel in confirm mode, and the messages on their way over it. It ends with its channel; the publisher then opens
 * another one.
 * @module
 */
import { BrokerError, EncodeError } from "@celeriac/core/errors";
import type { ConfirmChannel, Message } from "amqplib";
import { replyCode } from "../connection/channel-failure.js";
import type { EncodedMessage } from "../wire/message-codec.js";
import { planFates, type Sent } from "./publish-fates.js";

/** How a message that was written ended. */
export type Outcome =
  | { readonly kind: "stored" }
  | { readonly kind: "returned"; readonly reason: string }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "unseen" };

interface Write extends Sent {
  readonly correlationId: string | undefined;
  readonly done: (outcome: Outcome) => void;
  isDone: boolean;
}

export interface Destination {
  readonly exchange: string;
  readonly routingKey: string;
}

export class ConfirmedWriter {
  readonly #channel: ConfirmChannel;
  readonly #onWay = new Set<Write>();
  #unanswered: Write[] = [];
  #reason: Error | undefined;
  #isEnded = false;

  /** @param onEnd - Hears once that nothing can be written any more, and why: a reply code, if the server closed it. */
  constructor(channel: ConfirmChannel, onEnd: (code: number | undefined) => void) {
    this.#channel = channel;
    channel.on("return", (message) => this.#returned(message));
    channel.on("error", (error) => {
      this.#reason = error;
    });
    channel.on("close", () => {
      this.#isEnded = true;
      onEnd(replyCode(this.#reason));
      this.#decideUnanswered();
    });
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** @param done - Called once, when the server has answered or cannot answer any more. */
  write({ exchange, routingKey }: Destination, encoded: EncodedMessage, done: (outcome: Outcome) => void): void {
    const { content, options } = encoded;
    const { correlationId } = options;
    const write: Write = { exchange, routingKey, size: content.length, correlationId, done, isDone: false };
    this.#onWay.add(write);
    try {
      this.#channel.publish(exchange, routingKey, content, options, (error: unknown) => this.#confirmed(write, error));
    } catch (error) {
      this.#onWay.delete(write);
      done(this.#isEnded ? { kind: "unseen" } : { kind: "failed", error: asEncodeError(error) });
    }
  }

  /** Lets what is on its way be confirmed, then closes. */
  async close(): Promise<void> {
    if (this.#isEnded) return;
    // The server answers a channel's end without the confirms that are due. What it refuses, those who wait hear.
    await this.#channel.waitForConfirms().catch(() => undefined);
    await this.#channel.close().catch(() => undefined); // ended meanwhile
  }

  #confirmed(write: Write, error: unknown): void {
    this.#onWay.delete(write);
    if (write.isDone) return; // was returned before it was confirmed
    if (error === null || error === undefined) finish(write, { kind: "stored" });
    else if (error instanceof Error && error.message === "message nacked") {
      finish(write, { kind: "failed", error: nacked(write) });
    } else this.#unanswered.push(write); // amqplib tells them all, in their order, before the channel says that it is closed
  }

  /** The server names the message by its content only; of two that look alike, the older one was answered first. */
  #returned({ fields, properties }: Message): void {
    const reason = "replyText" in fields ? String(fields.replyText) : "";
    for (const write of this.#onWay) {
      const isSame =
        write.exchange === fields.exchange &&
        write.routingKey === fields.routingKey &&
        write.correlationId === properties.correlationId;
      if (!isSame || write.isDone) continue;
      finish(write, { kind: "returned", reason });
      return;
    }
  }

  #decideUnanswered(): void {
    const unanswered = this.#unanswered;
    this.#unanswered = [];
    const fates = planFates(unanswered, this.#reason);
    for (const [index, write] of unanswered.entries()) {
      const fate = fates[index];
      if (fate === undefined) continue;
      finish(write, fate.kind === "unseen" ? fate : { kind: "failed", error: fate.error });
    }
  }
}

function finish(write: Write, outcome: Outcome): void {
  write.isDone = true;
  write.done(outcome);
}

function nacked({ exchange, routingKey }: Write): BrokerError {
  const place = exchange === "" ? `queue "${routingKey}"` : `exchange "${exchange}", routing key "${routingKey}"`;
  const text = `RabbitMQ did not take the message for ${place}: a queue there is full, or could not store it.`;
  return new BrokerError(text, { code: "BROKER_REFUSED", retryable: true });
}

/** What amqplib cannot write it says before anything is sent. */
function asEncodeError(cause: unknown): EncodeError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EncodeError(`The message has no form in AMQP: ${reason}.`, { cause });
}
