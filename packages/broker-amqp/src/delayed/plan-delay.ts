import type { Destination } from "@celeriac/amqp-connection";
import type { Route } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import { parseIsoTime } from "@celeriac/core/protocol";
import { MAX_DELAY_S, MAX_DELAYED_KEY_BYTES } from "./delay-topology.js";

/** How a message gets to its queue when it is due, and where it goes when it is due already. */
export type DelayTarget = Destination &
  (
    | /** By the queue's name, whatever exchange it is bound to. */ { readonly kind: "queue"; readonly key: string }
    | /** Through the exchange of its route, as Celery does for exchanges that are not direct. */ {
        readonly kind: "exchange";
        readonly key: string;
        readonly queue: string;
        readonly bindingKey: string;
      }
  );

/**
 * Whole seconds that a message may wait in the broker, rounded down: it arrives a little early, and its worker waits for the
 * rest. 0: it is due, or says nothing of a time.
 */
export function delayOf(message: Message, nowMs: number): number {
  const { eta } = message.headers;
  if (typeof eta !== "string") return 0;
  const due = parseIsoTime(eta);
  return due === undefined ? 0 : wholeSeconds(due.epochMs - nowMs); // what is no time, the worker says what is wrong with
}

/** Within what the levels can hold. A longer wait is begun again by whoever receives the message too early. */
export function wholeSeconds(ms: number): number {
  return Math.max(0, Math.min(MAX_DELAY_S, Math.floor(ms / 1000)));
}

/** @returns `undefined` for a route that cannot be delayed: no queue is known for it, or its key would be too long. */
export function planDelay(route: Route): DelayTarget | undefined {
  const target = targetOf(route);
  if (target === undefined || target.key === "") return undefined;
  return Buffer.byteLength(target.key) > MAX_DELAYED_KEY_BYTES ? undefined : target;
}

function targetOf({ exchange, routingKey, exchangeType, queue }: Route): DelayTarget | undefined {
  const due = { exchange, routingKey };
  if (exchange === "") return { ...due, kind: "queue", key: routingKey };
  if (queue === undefined || queue.exchange.name !== exchange) return undefined;
  const type = exchangeType ?? queue.exchange.type;
  if (type === "direct") {
    return queue.routingKey === routingKey ? { ...due, kind: "queue", key: queue.name } : undefined;
  }
  if (type === "headers") return undefined;
  return { ...due, kind: "exchange", key: routingKey, queue: queue.name, bindingKey: queue.routingKey };
}
