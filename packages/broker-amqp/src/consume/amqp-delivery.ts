import { decodeMessage, type UnreadableProperties } from "@celeriac/amqp-connection";
import type { DecodeError } from "@celeriac/core/errors";
import type { Delivery } from "@celeriac/core/ports";
import { encodeEnvelope, type Message } from "@celeriac/core/protocol";
import type { ConsumeMessage } from "amqplib";
import { countDeliveries } from "./count-deliveries.js";
import type { HeldClaim } from "./held-claim.js";

/** @param channelId - Unique among the channels of this process. */
export function createDelivery(claim: HeldClaim, channelId: string): Delivery {
  const { wire } = claim.source;
  const unreadable = unreadableOf(wire.properties);
  if (unreadable !== undefined) {
    const bytes = (): Buffer => Buffer.concat([unreadable.bytes, wire.content]);
    return new AmqpDelivery(claim, channelId, { message: undefined, malformed: unreadable.unreadable, bytes });
  }
  const message = decodeMessage(wire.content, wire.properties);
  return new AmqpDelivery(claim, channelId, { message, malformed: undefined, bytes: () => rawOf(message, wire) });
}

interface DeliveryContent<M, E> {
  readonly message: M;
  readonly malformed: E;
  readonly bytes: () => Uint8Array;
}

/** A delivery that could be read (`malformed` undefined) or not (`message` undefined). */
class AmqpDelivery<M extends Message | undefined, E extends DecodeError | undefined> {
  readonly message: M;
  readonly malformed: E;
  readonly deliveryTag: string;
  readonly queue: string;
  readonly redelivered: boolean;
  readonly exchange: string;
  readonly routingKey: string;
  readonly #claim: HeldClaim;
  readonly #bytes: () => Uint8Array;

  constructor(claim: HeldClaim, channelId: string, content: DeliveryContent<M, E>) {
    const { wire, queue } = claim.source;
    this.message = content.message;
    this.malformed = content.malformed;
    this.deliveryTag = `${channelId}.${wire.fields.deliveryTag}`;
    this.queue = queue;
    this.redelivered = wire.fields.redelivered;
    this.exchange = wire.fields.exchange;
    this.routingKey = wire.fields.routingKey;
    this.#claim = claim;
    this.#bytes = content.bytes;
  }

  get isLost(): boolean {
    return this.#claim.isLost;
  }

  get deliveryCount(): number {
    return countDeliveries(this.message?.headers);
  }

  raw(): Uint8Array {
    return this.#bytes();
  }

  ack(): Promise<void> {
    return this.#claim.settle("ack");
  }

  reject({ requeue }: { readonly requeue: boolean }): Promise<void> {
    return this.#claim.settle(requeue ? "requeue" : "drop");
  }

  restore(): Promise<void> {
    return this.#claim.settle("return");
  }
}

/** AMQP has no text of a whole message: kombu's envelope is one that carries headers and body, and can be sent again. */
function rawOf(message: Message, { fields, content }: ConsumeMessage): Uint8Array {
  const { exchange, routingKey, deliveryTag } = fields;
  try {
    return Buffer.from(encodeEnvelope(message, { exchange, routingKey, deliveryTag: String(deliveryTag) }));
  } catch {
    return content; // a header that JSON cannot carry
  }
}

/** What `own-header-frames.ts` puts in the place of properties. */
function unreadableOf(properties: object): UnreadableProperties | undefined {
  // Written by that file alone, with exactly these members.
  return "unreadable" in properties ? (properties as UnreadableProperties) : undefined;
}
