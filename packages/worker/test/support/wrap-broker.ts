import type { Broker, Consumer, Delivery } from "@celeriac/core";

/** What a test wants to see or change of a broker. */
export interface BrokerHooks {
  /** Instead of each `ack`; calls `ack` itself when it wants it done. */
  readonly onAck?: (ack: () => Promise<void>) => Promise<void>;
  readonly onConsumer?: (consumer: Consumer, prefetch: number) => Consumer;
  readonly overrides?: Partial<Broker>;
}

/** The broker with some of its calls replaced. */
export function wrapBroker(broker: Broker, hooks: BrokerHooks): Broker {
  return {
    description: broker.description,
    queues: broker.queues,
    deadLetters: broker.deadLetters,
    ...(broker.fanout === undefined ? {} : { fanout: broker.fanout }),
    ...(broker.parking === undefined ? {} : { parking: broker.parking }),
    publish: (message, route, options) => broker.publish(message, route, options),
    publishMany: (messages, options) => broker.publishMany(messages, options),
    async consume(subscription, options) {
      const consumer = wrapConsumer(await broker.consume(subscription, options), hooks);
      return hooks.onConsumer?.(consumer, subscription.prefetch) ?? consumer;
    },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
    ...hooks.overrides,
  };
}

function wrapConsumer(consumer: Consumer, hooks: BrokerHooks): Consumer {
  const { onAck } = hooks;
  if (onAck === undefined) return consumer;
  return {
    setPrefetch: (count) => consumer.setPrefetch(count),
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
    async *[Symbol.asyncIterator]() {
      for await (const batch of consumer) {
        yield batch.map((delivery): Delivery => ({ ...delivery, ack: () => onAck(() => delivery.ack()) }));
      }
    },
  };
}
