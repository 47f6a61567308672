import { BrokerError } from "@celeriac/core/errors";
import type { Route } from "@celeriac/core/ports";
import type { Bindings } from "./bindings.js";

/**
 * Names of the queues that a message takes this route to. The queue behind the route is bound in the same write, so it
 * counts even if nobody has bound it yet.
 * @throws BrokerError
 */
export async function queuesOfRoute(bindings: Bindings, route: Route): Promise<readonly string[]> {
  const { exchange, routingKey, exchangeType, queue } = route;
  const queues = new Set(await bindings.queuesFor(exchange, routingKey, exchangeType));
  if (queue?.exchange.name === exchange && queue.routingKey === routingKey) queues.add(queue.name);
  return [...queues];
}

/** Nobody would get a message that takes this route. */
export function unroutable({ exchange, routingKey }: Route): BrokerError {
  return new BrokerError(
    `No queue is bound to exchange "${exchange}" for routing key "${routingKey}". Declare the queue first, or send to the anonymous exchange "".`,
    { code: "UNROUTABLE" },
  );
}
