import type { Delivery } from "@celeriac/core/ports";
import type { Claim, Claims } from "../claim/claims.js";
import { isRedelivered } from "../folder/message-name.js";
import type { ReadMessage } from "./read-message.js";

/** A claimed message as the port hands it out. */
export function folderDelivery(claim: Claim, read: ReadMessage, claims: Claims): Delivery {
  const { tag: deliveryTag, queue } = claim;
  const base = {
    deliveryTag,
    queue,
    redelivered: isRedelivered(claim.name) || read.envelope?.redelivered === true,
    raw: () => read.raw,
    ack: () => claims.ack(deliveryTag),
    reject: ({ requeue }: { readonly requeue: boolean }) =>
      requeue ? claims.requeue(deliveryTag) : claims.drop(deliveryTag),
    restore: () => claims.restore(deliveryTag),
  };
  if (read.envelope === undefined) return { ...base, malformed: read.malformed };
  const { message, exchange, routingKey } = read.envelope;
  return { ...base, message, exchange, routingKey: routingKey === "" ? queue : routingKey };
}

/** One that counts as settled from the start. */
export function settledDelivery(claim: Claim, read: ReadMessage, claims: Claims): Delivery {
  const nothing = async (): Promise<void> => undefined;
  return { ...folderDelivery(claim, read, claims), ack: nothing, reject: nothing, restore: nothing };
}
