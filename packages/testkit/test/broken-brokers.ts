/**
 * Brokers that break one promise each, to prove that the contract notices.
 * @module
 */
import type { Broker, Consumer, Delivery, Subscription } from "@celeriac/core/ports";
import { encodeEnvelope } from "@celeriac/core/protocol";
import type { MemoryStore } from "../../broker-memory/src/index.js";

/** One broken promise, and the case that must notice it. */
export interface BrokenBroker {
  readonly fault: string;
  readonly noticedBy: string;
  readonly wrap: (broker: Broker, store: MemoryStore) => Broker;
}

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

/** Consumers whose batches pass through `change`. */
function changedDeliveries(change: (batch: readonly Delivery[]) => readonly Delivery[]): (broker: Broker) => Broker {
  return (broker) =>
    replaced(broker, {
      consume: async (...call) => changedConsumer(await broker.consume(...call), change),
    });
}

function changedConsumer(consumer: Consumer, change: (batch: readonly Delivery[]) => readonly Delivery[]): Consumer {
  return {
    setPrefetch: (count) => consumer.setPrefetch(count),
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
    async *[Symbol.asyncIterator]() {
      for await (const batch of consumer) yield change(batch);
    },
  };
}

const eachDelivery = (change: (delivery: Delivery) => Partial<Delivery>): ((broker: Broker) => Broker) =>
  changedDeliveries((batch) => batch.map((delivery) => ({ ...delivery, ...change(delivery) }) as Delivery));

const eachTaken = (change: (delivery: Delivery) => Partial<Delivery>): ((broker: Broker) => Broker) =>
  changedDeliveries((batch) =>
    batch.map((delivery) =>
      delivery.isTaken === true ? ({ ...delivery, ...change(delivery) } as Delivery) : delivery,
    ),
  );

const changedSubscription = (change: (subscription: Subscription) => Subscription) => (broker: Broker) =>
  replaced(broker, { consume: (subscription, options) => broker.consume(change(subscription), options) });

export const brokenBrokers: readonly BrokenBroker[] = [
  {
    fault: "serves the last message first",
    noticedBy: "delivers messages in the order they were published",
    wrap: changedDeliveries((batch) => [...batch].reverse()),
  },
  {
    fault: "delivers messages twice",
    noticedBy: "delivers a hundred concurrent publishes exactly once",
    wrap: changedDeliveries((batch) => [...batch, ...batch.slice(0, 1)]),
  },
  {
    fault: "drops one message of a batch",
    noticedBy: "delivers the messages of publishMany in their order",
    wrap: changedDeliveries((batch) => (batch.length > 3 ? batch.slice(1) : batch)),
  },
  {
    fault: "ignores the prefetch count",
    noticedBy: "hands out no more than the prefetch count",
    wrap: changedSubscription((subscription) => ({ ...subscription, prefetch: Number.POSITIVE_INFINITY })),
  },
  {
    fault: "ignores setPrefetch",
    noticedBy: "hands out more when setPrefetch widens the window",
    wrap: (broker) =>
      replaced(broker, {
        async consume(...call) {
          const consumer = await broker.consume(...call);
          return { ...changedConsumer(consumer, (batch) => batch), setPrefetch: async () => undefined };
        },
      }),
  },
  {
    fault: "acks without removing",
    noticedBy: "an acked message never comes back",
    wrap: eachDelivery(() => ({ ack: async () => undefined })),
  },
  {
    fault: "requeues in front",
    noticedBy: "reject with requeue puts the message behind the waiting ones",
    wrap: eachDelivery((delivery) => ({
      reject: ({ requeue }) => (requeue ? delivery.restore() : delivery.reject({ requeue })),
    })),
  },
  {
    fault: "restores behind",
    noticedBy: "restore puts the message in front of the waiting ones",
    wrap: eachDelivery((delivery) => ({ restore: () => delivery.reject({ requeue: true }) })),
  },
  {
    fault: "keeps rejected messages",
    noticedBy: "reject without requeue drops the message",
    wrap: eachDelivery((delivery) => ({ reject: () => delivery.reject({ requeue: true }) })),
  },
  {
    fault: "drops requeued messages",
    noticedBy: "a requeued message is flagged as redelivered",
    wrap: eachDelivery((delivery) => ({ reject: () => delivery.reject({ requeue: false }) })),
  },
  {
    fault: "never flags a redelivery",
    noticedBy: "a restored message is flagged as redelivered",
    wrap: eachDelivery(() => ({ redelivered: false })),
  },
  {
    fault: "flags everything as redelivered",
    noticedBy: "a message delivered for the first time is not flagged as redelivered",
    wrap: eachDelivery(() => ({ redelivered: true })),
  },
  {
    fault: "settles stale claims without a word",
    noticedBy: "every claim has a tag of its own, and a stale one settles nothing",
    wrap: eachDelivery((delivery) => ({ ack: () => delivery.ack().catch(() => undefined) })),
  },
  {
    fault: "takes what takes refuses",
    noticedBy: "a message that takes refuses is held like any other",
    wrap: changedSubscription(({ takes, ...subscription }) =>
      takes === undefined ? subscription : { ...subscription, takes: (delivery) => takes(delivery) || true },
    ),
  },
  {
    fault: "drops what it takes",
    noticedBy: "with takes every message is still handed out once, in order",
    wrap: changedDeliveries((batch) => batch.filter((delivery) => delivery.isTaken !== true)),
  },
  {
    fault: "asks about one delivery and hands out another",
    noticedBy: "a taken message is the delivery that was asked about, and is gone from the broker",
    wrap: eachDelivery(() => ({})),
  },
  {
    fault: "refuses the ack of a taken message",
    noticedBy: "an ack of a taken message has nothing to do",
    wrap: eachTaken(() => ({ ack: () => Promise.reject(new Error("not held")) })),
  },
  {
    fault: "never takes",
    noticedBy: "a taken message takes no place in the window",
    wrap: changedSubscription(({ takes, ...subscription }) => subscription),
  },
  {
    fault: "forgets a taken message that is restored",
    noticedBy: "a taken message that is restored is in front of the waiting ones, flagged",
    wrap: eachTaken(() => ({ restore: async () => undefined })),
  },
  {
    fault: "requeues a taken message in front",
    noticedBy: "a taken message that is requeued is behind the waiting ones, flagged",
    wrap: eachTaken((delivery) => ({ reject: () => delivery.restore() })),
  },
  {
    fault: "swallows malformed messages",
    noticedBy: "an unreadable message is delivered as malformed, with its bytes",
    wrap: changedDeliveries((batch) => batch.filter((delivery) => delivery.malformed === undefined)),
  },
  {
    fault: "loses what a disposed consumer had claimed",
    noticedBy: "disposing a consumer gives back what it claimed and did not yield",
    wrap: (broker, store) =>
      replaced(broker, {
        async consume(subscription, options) {
          const consumer = await broker.consume(subscription, options);
          return {
            ...changedConsumer(consumer, (batch) => batch),
            async [Symbol.asyncDispose]() {
              await consumer[Symbol.asyncDispose]();
              for (const queue of subscription.queues) store.queue(queue.name).shift();
            },
          };
        },
      }),
  },
  {
    fault: "gives back deliveries already yielded",
    noticedBy: "deliveries already yielded can be settled after their consumer is disposed",
    wrap: (broker) =>
      replaced(broker, {
        async consume(...call) {
          const held: Delivery[] = [];
          const consumer = await broker.consume(...call);
          const remember = (batch: readonly Delivery[]): readonly Delivery[] => {
            held.push(...batch);
            return batch;
          };
          return {
            ...changedConsumer(consumer, remember),
            async [Symbol.asyncDispose]() {
              await consumer[Symbol.asyncDispose]();
              await Promise.allSettled(held.map((delivery) => delivery.restore()));
            },
          };
        },
      }),
  },
  {
    fault: "forgets what it held when it is closed",
    noticedBy: "messages of a broker that closed without settling them come back, flagged",
    wrap: changedSubscription((subscription) => ({ ...subscription, noAck: true })),
  },
  {
    fault: "keeps what was taken with noAck",
    noticedBy: "with noAck messages are settled on arrival",
    wrap: changedSubscription((subscription) => ({ ...subscription, noAck: false })),
  },
  {
    fault: "accepts messages that go nowhere",
    noticedBy: "a message for which no queue is bound is refused as UNROUTABLE",
    wrap: (broker) => replaced(broker, { publish: (...call) => broker.publish(...call).catch(() => undefined) }),
  },
  {
    fault: "serves callers after it was closed",
    noticedBy: "every call on a closed broker is refused as BROKER_CLOSED",
    wrap: (broker) => replaced(broker, { [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    fault: "ignores signals",
    noticedBy: "an aborted signal rejects the call with its reason",
    wrap: (broker) => replaced(broker, { publish: (message, route) => broker.publish(message, route) }),
  },
  {
    fault: "keeps the caller's object",
    noticedBy: "changing a message after it was published changes nothing",
    wrap: (broker) =>
      replaced(broker, {
        publish: (message, route, options) =>
          new Promise((resolve, reject) => {
            resolve();
            setImmediate(() => broker.publish(message, route, options).catch(reject));
          }),
      }),
  },
  {
    fault: "damages bytes that are no text",
    noticedBy: "every byte value survives in a body",
    wrap: (broker) =>
      replaced(broker, {
        publish: (message, route, options) => {
          const body = new TextEncoder().encode(new TextDecoder().decode(message.body));
          return broker.publish({ ...message, body }, route, options);
        },
      }),
  },
  {
    fault: "counts too few when it purges",
    noticedBy: "purge removes the waiting messages and counts them",
    wrap: (broker) =>
      replaced(broker, {
        queues: {
          declare: (...call) => broker.queues.declare(...call),
          length: (...call) => broker.queues.length(...call),
          delete: (...call) => broker.queues.delete(...call),
          purge: async (...call) => Math.max(0, (await broker.queues.purge(...call)) - 1),
        },
      }),
  },
  {
    fault: "promotes parked messages before they are due",
    noticedBy: "promoteDue puts back what is due and leaves the rest",
    wrap: (broker) => {
      const { parking } = broker;
      if (parking === undefined) return broker;
      return replaced(broker, {
        parking: {
          count: (options) => parking.count(options),
          promoteDue: (options) => parking.promoteDue(options),
          park: (delivery) => parking.park(delivery, 0),
        },
      });
    },
  },
  {
    fault: "keeps broadcasts for those who come later",
    noticedBy: "nothing is kept for a listener that comes later",
    wrap: (broker) => {
      const { fanout } = broker;
      if (fanout === undefined) return broker;
      const kept: Parameters<typeof fanout.broadcast>[0][] = [];
      return replaced(broker, {
        fanout: {
          broadcast(message, ...call) {
            kept.push(message);
            return fanout.broadcast(message, ...call);
          },
          async listen(queue, onMessage) {
            for (const message of kept) onMessage(message, "");
            return fanout.listen(queue, onMessage);
          },
        },
      });
    },
  },
  {
    fault: "stops hearing when a listener throws",
    noticedBy: "a listener that throws goes on hearing, and hurts nobody else",
    wrap: (broker) => {
      const { fanout } = broker;
      if (fanout === undefined) return broker;
      return replaced(broker, {
        fanout: {
          broadcast: (...call) => fanout.broadcast(...call),
          async listen(queue, onMessage) {
            const listening = await fanout.listen(queue, (...heard) => {
              try {
                onMessage(...heard);
              } catch {
                void listening[Symbol.asyncDispose]();
              }
            });
            return listening;
          },
        },
      });
    },
  },
  {
    fault: "lists dead letters oldest first",
    noticedBy: "dead letters are listed newest first, up to the limit",
    wrap: (broker) =>
      replaced(broker, {
        deadLetters: {
          add: (...call) => broker.deadLetters.add(...call),
          count: (...call) => broker.deadLetters.count(...call),
          remove: (...call) => broker.deadLetters.remove(...call),
          list: async (...call) => [...(await broker.deadLetters.list(...call))].reverse(),
        },
      }),
  },
  {
    fault: "puts foreign bytes into good envelopes",
    noticedBy: "a malformed message that is restored comes back with the same bytes",
    wrap: (broker, store) =>
      eachDelivery((delivery) => ({
        async restore() {
          await delivery.reject({ requeue: false });
          const text = new TextDecoder().decode(delivery.raw());
          const message = delivery.message ?? {
            body: new TextEncoder().encode(text),
            contentType: "",
            contentEncoding: "utf-8",
            headers: {},
            properties: {},
          };
          const info = { exchange: "", routingKey: delivery.queue, deliveryTag: "" };
          store.putBack(delivery.queue, { raw: encodeEnvelope(message, info), step: 0, redelivered: true });
        },
      }))(broker),
  },
];
