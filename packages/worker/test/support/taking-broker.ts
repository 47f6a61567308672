import type { Broker, Consumer, Delivery, ReadableDelivery, Subscription } from "@celeriac/core";
import { wrapBroker } from "./wrap-broker.js";

/** What a test wants to see or do while messages are taken. */
export interface TakingHooks {
  /** Hears every answer of the worker. */
  readonly onAsked?: (taskId: unknown, accepted: boolean) => void;
  /** Runs after a message was removed and before it is handed out. */
  readonly onTaken?: (delivery: ReadableDelivery) => Promise<void>;
  /** Hears how a taken delivery was settled. */
  readonly onSettled?: (way: "ack" | "restore" | "requeue" | "drop") => void;
}

/** A broker that asks about every message, and hands out what is accepted as taken: acknowledged before it is seen. */
export function takingBroker(broker: Broker, hooks: TakingHooks): Broker {
  return wrapBroker(broker, {
    overrides: {
      consume: async (subscription, options) =>
        takingConsumer(await broker.consume(subscription, options), subscription, broker, hooks),
    },
  });
}

function takingConsumer(
  consumer: Consumer,
  { takes }: Subscription,
  broker: Broker,
  { onAsked, onTaken, onSettled }: TakingHooks,
): Consumer {
  const offer = async (delivery: Delivery): Promise<Delivery> => {
    if (delivery.malformed !== undefined || takes === undefined) return delivery;
    const taken = asTaken(delivery, broker, onSettled);
    const isAccepted = takes(taken);
    onAsked?.(delivery.message.headers.id, isAccepted);
    if (!isAccepted) return delivery;
    await delivery.ack();
    await onTaken?.(taken);
    return taken;
  };
  return {
    setPrefetch: (count) => consumer.setPrefetch(count),
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
    async *[Symbol.asyncIterator]() {
      for await (const batch of consumer) for (const delivery of batch) yield [await offer(delivery)];
    },
  };
}

function asTaken(delivery: ReadableDelivery, broker: Broker, onSettled: TakingHooks["onSettled"]): ReadableDelivery {
  const putBack = (): Promise<void> => broker.publish(delivery.message, { exchange: "", routingKey: delivery.queue }); // where in the queue is not asked here
  return {
    ...delivery,
    isTaken: true,
    ack: async () => onSettled?.("ack"),
    reject: async ({ requeue }) => {
      onSettled?.(requeue ? "requeue" : "drop");
      if (requeue) await putBack();
    },
    restore: async () => {
      onSettled?.("restore");
      await putBack();
    },
  };
}
