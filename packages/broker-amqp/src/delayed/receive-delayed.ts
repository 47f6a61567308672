import { type AmqpLink, type AmqpSession, isQuorum } from "@celeriac/amqp-connection";
import type { Subscription } from "@celeriac/core/ports";
import type { BrokerSettings } from "../options/broker-settings.js";
import type { DelayedDelivery } from "./delayed-delivery.js";

/**
 * Prepares a consumer for messages that others delay. Where the server refuses that, for want of a permission or because the
 * queues they wait in are of another type, it consumes all the same, as a worker of Celery does: messages without an ETA
 * come. A warning tells, once for each life of the connection.
 */
export function createDelayedReceiver(
  delayed: DelayedDelivery,
  link: AmqpLink,
  { delayedDelivery, onWarning }: BrokerSettings,
): (subscription: Subscription, timeoutMs: number) => Promise<void> {
  const warned = new WeakSet<AmqpSession>();

  return async ({ queues, noAck }, timeoutMs) => {
    if (delayedDelivery === "never" || noAck === true) return;
    const refusal = await delayed.receive(queues, {
      isQuorum: (queue) => delayedDelivery === "always" || isQuorum(queue),
      timeoutMs,
    });
    const { session } = link;
    if (refusal === undefined || session === undefined || warned.has(session)) return;
    warned.add(session);
    onWarning(`Messages that others delay may not reach this consumer. ${refusal.message}`);
  };
}
