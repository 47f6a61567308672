import { checkShort, encodeMessage, isQuorum, type Outgoing } from "@celeriac/amqp-connection";
import type { Route } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import type { DelayedDelivery } from "../delayed/delayed-delivery.js";
import { delayOf, planDelay } from "../delayed/plan-delay.js";

export interface PlacementOptions {
  readonly delayed: DelayedDelivery;
  /** Which messages with an ETA wait in the broker. */
  readonly mode: "auto" | "always" | "never";
  readonly isQuorumQueue: (name: string) => boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Says where a message goes and what must be there first. @throws EncodeError when AMQP cannot carry it. */
export type Placement = (message: Message, route: Route) => Outgoing;

/**
 * A message for a fanout exchange may reach nobody; any other one that reaches no queue comes back. One with an ETA takes
 * the way through the queues in which it waits, where that is wanted and possible.
 */
export function createPlacement({ delayed, mode, isQuorumQueue, now }: PlacementOptions): Placement {
  const isDelayed = ({ queue, routingKey }: Route): boolean =>
    mode === "always" || (mode === "auto" && (isQuorum(queue) || isQuorumQueue(queue?.name ?? routingKey)));

  return (message, route) => {
    const { exchange, routingKey, queue } = route;
    const type = route.exchangeType ?? (queue?.exchange.name === exchange ? queue.exchange.type : "direct");
    const encoded = encodeMessage(message, type !== "fanout");
    checkShort(exchange, "The exchange's name");
    checkShort(routingKey, "The routing key");
    const plain: Outgoing = { exchange, routingKey, encoded, queue };
    if (message.headers.eta == null || !isDelayed(route) || delayOf(message, now()) === 0) return plain;
    const target = planDelay(route);
    if (target === undefined) return plain;
    return { ...plain, prepare: (timeoutMs) => delayed.destination(target, timeoutMs, () => delayOf(message, now())) };
  };
}
