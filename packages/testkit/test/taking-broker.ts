import type { Broker, Consumer, Delivery, Subscription } from "@celeriac/core/ports";
import type { MemoryStore } from "../../broker-memory/src/index.js";

/** The memory broker with the ability to take: asks about every readable message, and acks what is accepted. */
export function takingBroker(broker: Broker, store: MemoryStore): Broker {
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
    consume: async (subscription, options) =>
      takingConsumer(await broker.consume(subscription, options), subscription, store),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

function takingConsumer(consumer: Consumer, { takes, noAck }: Subscription, store: MemoryStore): Consumer {
  if (takes === undefined || noAck === true) return consumer;
  const offer = async (delivery: Delivery): Promise<Delivery> => {
    if (delivery.malformed !== undefined) return delivery;
    const { queue } = delivery;
    const stored = { raw: delivery.raw(), step: 0, redelivered: true };
    const taken = {
      ...delivery,
      isTaken: true,
      ack: async () => undefined,
      reject: async ({ requeue }: { readonly requeue: boolean }) => {
        if (requeue) store.put(queue, stored);
      },
      restore: async () => store.putBack(queue, stored),
    };
    if (!takes(taken)) return delivery;
    await delivery.ack();
    return taken;
  };
  return {
    setPrefetch: (count) => consumer.setPrefetch(count),
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
    async *[Symbol.asyncIterator]() {
      for await (const batch of consumer) {
        const offered: Delivery[] = [];
        for (const delivery of batch) offered.push(await offer(delivery));
        yield offered;
      }
    },
  };
}
