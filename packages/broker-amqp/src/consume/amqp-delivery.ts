import { decodeMessage, type UnreadableProperties } from "@celeriac/amqp-connection";
import type { Delivery } from "@celeriac/core/ports";
import { encodeEnvelope, type Message } from "@celeriac/core/protocol";
import type { ConsumeMessage } from "amqplib";
import type { HeldClaim } from "./held-claim.js";

/** @param channelId - Unique among the channels of this process. */
export function createDelivery(claim: HeldClaim, channelId: string): Delivery {
  const { wire, queue } = claim.source;
  const unreadable = unreadableOf(wire.properties);
  const base = {
    deliveryTag: `${channelId}.${wire.fields.deliveryTag}`,
    queue,
    redelivered: wire.fields.redelivered,
    ack: () => claim.settle("ack"),
    reject: ({ requeue }: { readonly requeue: boolean }) => claim.settle(requeue ? "requeue" : "drop"),
    restore: () => claim.settle("requeue"),
  };
  if (unreadable !== undefined) {
    return { ...base, malformed: unreadable.unreadable, raw: () => Buffer.concat([unreadable.bytes, wire.content]) };
  }
  const message = decodeMessage(wire.content, wire.properties);
  return { ...base, message, raw: () => rawOf(message, wire) };
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
