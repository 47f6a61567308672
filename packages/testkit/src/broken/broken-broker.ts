/**
 * How a sound broker is made to break one promise, from outside: by standing between it and its user.
 * @module
 */
import type {
  Broker,
  Consumer,
  DeadLetterStore,
  Delivery,
  Fanout,
  Parking,
  QueueAdmin,
  Route,
  Subscription,
} from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import type { BrokerAbility } from "../broker/broker-fixture.js";

/** One broken promise, and the case that must notice it. */
export interface BrokenBroker {
  /** What the broker does: `a broker that ${fault}`. */
  readonly fault: string;
  /** Name of a case of `brokerContract`. */
  readonly noticedBy: string;
  /** Without these there is nothing to break, though the case may run. */
  readonly needs?: readonly BrokerAbility[];
  /**
   * The broker with the fault. One without the ability that the fault is about comes back as it was.
   * @param notes - Shared by all brokers of one fixture, for faults of one that another one suffers from.
   */
  readonly wrap: (broker: Broker, notes: Set<string>) => Broker;
}

type Wrap = BrokenBroker["wrap"];

/** `broker` with some members replaced. */
export function replaced(broker: Broker, members: Partial<Broker>): Broker {
  const { description, queues, deadLetters, fanout, parking, once } = broker;
  return {
    description,
    queues,
    deadLetters,
    ...(fanout === undefined ? {} : { fanout }),
    ...(parking === undefined ? {} : { parking }),
    ...(once === undefined ? {} : { once }),
    publish: (...call) => broker.publish(...call),
    publishMany: (...call) => broker.publishMany(...call),
    consume: (...call) => broker.consume(...call),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
    ...members,
  };
}

/** A broker that publishes something else. */
export function publishChanged(
  change: (message: Message, route: Route) => { readonly message?: Message; readonly route?: Route },
): Wrap {
  return (broker) =>
    replaced(broker, {
      publish: async (message, route, options) => {
        const changed = change(message, route);
        await broker.publish(changed.message ?? message, changed.route ?? route, options);
      },
    });
}

/** A broker whose consumers are replaced. `change` is called for every consumer. */
export function consumersChanged(
  change: (consumer: Consumer, subscription: Subscription, broker: Broker) => Partial<Consumer>,
): Wrap {
  return (broker) =>
    replaced(broker, {
      consume: async (subscription, options) => {
        const consumer = await broker.consume(subscription, options);
        return {
          setPrefetch: (count) => consumer.setPrefetch(count),
          [Symbol.asyncIterator]: () => consumer[Symbol.asyncIterator](),
          [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
          ...change(consumer, subscription, broker),
        };
      },
    });
}

/** Consumers whose batches pass through `change`, which is made anew for every consumer. */
export function batchesChanged(
  create: (subscription: Subscription) => (batch: readonly Delivery[]) => readonly Delivery[],
): Wrap {
  return consumersChanged((consumer, subscription) => {
    const change = create(subscription);
    return {
      async *[Symbol.asyncIterator]() {
        for await (const batch of consumer) yield change(batch);
      },
    };
  });
}

/** Every delivery with some members replaced. */
export function deliveriesChanged(change: (delivery: Delivery, broker: Broker) => Partial<Delivery>): Wrap {
  return (broker, notes) => {
    // A copy with parts of the same union is no longer seen as that union.
    const changed = (delivery: Delivery) => ({ ...copyOf(delivery), ...change(delivery, broker) }) as Delivery;
    return batchesChanged(() => (batch) => batch.map(changed))(broker, notes);
  };
}

/** Whatever an adapter makes its deliveries of, a spread of this has all their members. */
function copyOf(delivery: Delivery): Delivery {
  return {
    ...delivery,
    deliveryTag: delivery.deliveryTag,
    queue: delivery.queue,
    redelivered: delivery.redelivered,
    ...(delivery.malformed === undefined ? { message: delivery.message } : { malformed: delivery.malformed }),
    raw: () => delivery.raw(),
    ack: () => delivery.ack(),
    reject: (options) => delivery.reject(options),
    restore: () => delivery.restore(),
  } as Delivery; // either readable or malformed, as it was
}

/** A broker that consumes something else. */
export function subscriptionChanged(change: (subscription: Subscription) => Subscription): Wrap {
  return (broker) =>
    replaced(broker, { consume: (subscription, options) => broker.consume(change(subscription), options) });
}

export function queuesChanged(change: (queues: QueueAdmin) => Partial<QueueAdmin>): Wrap {
  return (broker) => {
    const { queues } = broker;
    return replaced(broker, {
      queues: {
        declare: (...call) => queues.declare(...call),
        length: (...call) => queues.length(...call),
        purge: (...call) => queues.purge(...call),
        delete: (...call) => queues.delete(...call),
        ...change(queues),
      },
    });
  };
}

export function deadLettersChanged(change: (store: DeadLetterStore) => Partial<DeadLetterStore>): Wrap {
  return (broker) => {
    const store = broker.deadLetters;
    return replaced(broker, {
      deadLetters: {
        add: (...call) => store.add(...call),
        list: (...call) => store.list(...call),
        count: (...call) => store.count(...call),
        remove: (...call) => store.remove(...call),
        ...change(store),
      },
    });
  };
}

export function fanoutChanged(change: (fanout: Fanout) => Partial<Fanout>): Wrap {
  return (broker) => {
    const { fanout } = broker;
    if (fanout === undefined) return broker;
    return replaced(broker, {
      fanout: {
        broadcast: (...call) => fanout.broadcast(...call),
        listen: (...call) => fanout.listen(...call),
        ...change(fanout),
      },
    });
  };
}

export function parkingChanged(change: (parking: Parking, broker: Broker) => Partial<Parking>): Wrap {
  return (broker) => {
    const { parking } = broker;
    if (parking === undefined) return broker;
    return replaced(broker, {
      parking: {
        park: (...call) => parking.park(...call),
        promoteDue: (...call) => parking.promoteDue(...call),
        count: (...call) => parking.count(...call),
        ...change(parking, broker),
      },
    });
  };
}

/** Where a delivery came from, for faults that publish instead of putting back. */
export function backTo(delivery: Delivery): Route {
  return { exchange: "", routingKey: delivery.queue };
}
