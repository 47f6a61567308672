import type { ExchangeType, Queue, Route } from "../ports/queue.js";
import type { Settings } from "../settings/settings.js";
import type { QueueEntry } from "./read-queue.js";
import type { QueueTable } from "./resolve-queues.js";
import type { ParsedRoute } from "./route-spec.js";
import { RouteError } from "./routing-error.js";
import type { RoutingOptions } from "./routing-options.js";

/** Where a message goes, and the delivery mode of that place. */
export interface Destination {
  readonly route: Route;
  readonly deliveryMode: 1 | 2;
}

type DestinationSettings = Pick<Settings, "taskDefaultQueue" | "taskDefaultDeliveryMode">;
type DestinationOf = (parsed: ParsedRoute | undefined, options: RoutingOptions | undefined) => Destination;

interface Merged {
  readonly entry: QueueEntry | undefined;
  readonly exchange: string | undefined;
  readonly exchangeType: ExchangeType;
  readonly routingKey: string | undefined;
}

/** Puts a route and a call's options together, member by member, into one destination. */
export function createDestinations(queues: QueueTable, settings: DestinationSettings): DestinationOf {
  const defaultEntry = (): QueueEntry => queues.entry(settings.taskDefaultQueue);
  const entryOf = (queue: string | Queue): QueueEntry =>
    typeof queue === "string" ? queues.entry(queue) : { queue, isBroadcast: false };

  function merge(parsed: ParsedRoute | undefined, options: RoutingOptions): Merged {
    const given = nameAndType(options.exchange);
    const exchange = (given.name || undefined) ?? parsed?.exchange;
    const queue = (options.queue || undefined) ?? parsed?.queue;
    // A route that names no queue leaves it open; only without any route, or without exchange, is it the default one.
    const isOpen = parsed !== undefined && !parsed.isEmpty && exchange !== undefined;
    const entry = queue !== undefined ? entryOf(queue) : isOpen ? undefined : defaultEntry();
    return {
      entry,
      exchange,
      exchangeType:
        options.exchangeType ??
        options.exchange_type ??
        given.type ??
        parsed?.exchangeType ??
        entry?.queue.exchange.type ??
        "direct",
      routingKey: (options.routingKey || options.routing_key || undefined) ?? parsed?.routingKey,
    };
  }

  return (parsed, options) => {
    const merged = merge(parsed, options ?? {});
    const deliveryMode = merged.entry?.deliveryMode ?? settings.taskDefaultDeliveryMode;
    return { route: Object.freeze(routeOf(merged, queues)), deliveryMode };
  };
}

function nameAndType(exchange: RoutingOptions["exchange"]): { readonly name?: string; readonly type?: ExchangeType } {
  if (exchange === null || exchange === undefined) return {};
  return typeof exchange === "string" ? { name: exchange } : exchange;
}

/**
 * The anonymous exchange is used unless both exchange and routing key are said or the exchange is not a direct one.
 * @see PROTOCOL 5.3; celery/app/amqp.py `send_task_message`.
 */
function routeOf({ entry, exchange, exchangeType, routingKey }: Merged, queues: QueueTable): Route {
  // A broadcast's queue belongs to its consumer; a publisher must not declare one.
  const behind = entry === undefined || entry.isBroadcast ? {} : { queue: entry.queue };
  if (exchangeType === "direct" && (exchange === undefined || routingKey === undefined)) {
    // Celery sends this to an empty routing key, where nobody hears it.
    if (entry === undefined) throw incomplete(exchange, routingKey);
    return { exchange: "", routingKey: entry.queue.name, ...behind };
  }
  if (exchange !== undefined) return { exchange, routingKey: routingKey ?? "", exchangeType, ...behind };
  const named = entry?.queue.exchange.name || queues.defaultExchange.name;
  const key = routingKey || entry?.queue.routingKey || queues.defaultRoutingKey;
  return { exchange: named, routingKey: key, exchangeType, ...behind };
}

function incomplete(exchange: string | undefined, routingKey: string | undefined): RouteError {
  const missing = routingKey === undefined ? "routingKey" : "exchange";
  return new RouteError(
    `A route to the direct exchange ${JSON.stringify(exchange ?? "")} without a queue needs a ${missing}; add it, or name a queue.`,
  );
}
