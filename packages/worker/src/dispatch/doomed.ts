import type { HeldRequest } from "../request/held-request.js";

/**
 * A message that has ended so many deliveries, of which nobody reported how, is not tried once more: it ends the process that
 * runs it, worker and all. Higher than the limit for losses that were seen, because messages that only waited in such
 * a worker count too; RabbitMQ 4 drops messages at the same number.
 */
export const MAX_UNFINISHED = 20;

/** The message may be somebody else's by now. */
export function isLost({ delivery, acknowledged }: HeldRequest): boolean {
  return delivery.isLost === true && !acknowledged;
}

/** It was delivered too often. With early ack nothing comes back once it has started: whatever counted was innocent. */
export function isPoisoned({ delivery, policy }: HeldRequest): boolean {
  return delivery.redelivered && policy.ack.late && (delivery.deliveryCount ?? 0) >= MAX_UNFINISHED;
}
