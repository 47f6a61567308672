import type { Broker, Queue, Route } from "@celeriac/core/ports";

/** A broker that declares queues in another shape than it is asked to: as quorum queues, or with priorities. */
export function shapedBroker(broker: Broker, shape: (queue: Queue) => Queue): Broker {
  const shapedRoute = (route: Route): Route =>
    route.queue === undefined ? route : { ...route, queue: shape(route.queue) };
  const { fanout, parking, queues } = broker;
  return {
    description: broker.description,
    deadLetters: broker.deadLetters,
    publish: (message, route, options) => broker.publish(message, shapedRoute(route), options),
    publishMany: (messages, options) =>
      broker.publishMany(
        messages.map(([message, route]) => [message, shapedRoute(route)]),
        options,
      ),
    consume: (subscription, options) =>
      broker.consume({ ...subscription, queues: subscription.queues.map(shape) }, options),
    queues: {
      declare: (queue, options) => queues.declare(shape(queue), options),
      length: (queue, options) => queues.length(queue, options),
      purge: (queue, options) => queues.purge(queue, options),
      delete: (queue, options) => queues.delete(shape(queue), options),
    },
    ...(fanout === undefined ? {} : { fanout }),
    ...(parking === undefined ? {} : { parking }),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}
