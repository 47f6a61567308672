import { randomUUID } from "node:crypto";
import type { Consumer, Delivery, Queue } from "@celeriac/core/ports";
import { plainQueue } from "../broker/sample-message.js";
import { type BrokenBroker, consumersChanged, publishChanged, replaced, subscriptionChanged } from "./broken-broker.js";

/** Reads and drops until the broker is closed. */
async function drain(consumer: Consumer): Promise<void> {
  for await (const _batch of consumer);
}

/** Brokers whose consumers take too much or too little, or do not end as they should. */
export const consumerFaults: readonly BrokenBroker[] = [
  {
    fault: "ignores the prefetch count",
    noticedBy: "hands out no more than the prefetch count",
    wrap: subscriptionChanged((subscription) => ({ ...subscription, prefetch: Number.POSITIVE_INFINITY })),
  },
  {
    fault: "has a window for each queue",
    noticedBy: "counts the deliveries of all its queues together",
    wrap: subscriptionChanged((subscription) => ({
      ...subscription,
      prefetch: subscription.prefetch * subscription.queues.length,
    })),
  },
  {
    fault: "ignores setPrefetch",
    noticedBy: "hands out more when setPrefetch widens the window",
    wrap: consumersChanged(() => ({ setPrefetch: async () => undefined })),
  },
  {
    fault: "never narrows its window",
    noticedBy: "hands out nothing until a narrowed window has room",
    wrap: consumersChanged((consumer, { prefetch }) => ({
      setPrefetch: async (count) => {
        if (count > prefetch) await consumer.setPrefetch(count);
      },
    })),
  },
  {
    fault: "takes no limit for 20",
    noticedBy: "prefetch Infinity means no limit",
    wrap: subscriptionChanged((subscription) => ({ ...subscription, prefetch: Math.min(subscription.prefetch, 20) })),
  },
  {
    fault: "takes no limit for 2",
    noticedBy: "setPrefetch to Infinity takes the limit away",
    wrap: consumersChanged((consumer) => ({
      setPrefetch: (count) => consumer.setPrefetch(Math.min(count, 2)),
    })),
  },
  {
    fault: "hands out one message at least",
    noticedBy: "prefetch 0 takes nothing until it is widened",
    wrap: subscriptionChanged((subscription) => ({ ...subscription, prefetch: Math.max(subscription.prefetch, 1) })),
  },
  {
    fault: "looks into its queues only once",
    noticedBy: "a message published while a consumer waits reaches it",
    wrap: consumersChanged((consumer, { queues }, broker) => ({
      async *[Symbol.asyncIterator]() {
        const lengths = await Promise.all(queues.map(({ name }) => broker.queues.length(name)));
        if (lengths.some((length) => length > 0)) yield* consumer;
      },
    })),
  },
  {
    fault: "keeps its messages to itself",
    noticedBy: "what one broker publishes another one consumes",
    wrap: (broker, notes) => {
      const own = randomUUID();
      const named = (queue: Queue): Queue => plainQueue(`${queue.name} ${own}`);
      const publishing = publishChanged((_message, { queue, ...route }) => ({
        route: { ...route, routingKey: `${route.routingKey} ${own}`, ...(queue && { queue: named(queue) }) },
      }));
      const consuming = subscriptionChanged((subscription) => ({
        ...subscription,
        queues: subscription.queues.map(named),
      }));
      return consuming(publishing(broker, notes), notes);
    },
  },
  {
    fault: "loses what waits when a consumer goes",
    noticedBy: "disposing a consumer gives back what it claimed and did not yield",
    wrap: consumersChanged((consumer, { queues }, broker) => ({
      async [Symbol.asyncDispose]() {
        await consumer[Symbol.asyncDispose]();
        for (const { name } of queues) await broker.queues.purge(name);
      },
    })),
  },
  {
    fault: "gives back deliveries already yielded",
    noticedBy: "deliveries already yielded can be settled after their consumer is disposed",
    wrap: consumersChanged((consumer) => {
      const held: Delivery[] = [];
      return {
        async *[Symbol.asyncIterator]() {
          for await (const batch of consumer) {
            held.push(...batch);
            yield batch;
          }
        },
        async [Symbol.asyncDispose]() {
          await consumer[Symbol.asyncDispose]();
          await Promise.allSettled(held.map((delivery) => delivery.restore()));
        },
      };
    }),
  },
  {
    fault: "ends the iteration with an error",
    noticedBy: "disposing a consumer ends its iteration without an error",
    wrap: consumersChanged((consumer) => ({
      async *[Symbol.asyncIterator]() {
        yield* consumer;
        throw new Error("The consumer is gone.");
      },
    })),
  },
  {
    fault: "ends the iteration with an error",
    noticedBy: "closing the broker ends the iteration of its consumers",
    wrap: consumersChanged((consumer) => ({
      async *[Symbol.asyncIterator]() {
        yield* consumer;
        throw new Error("The consumer is gone.");
      },
    })),
  },
  {
    fault: "refuses to dispose a consumer again",
    noticedBy: "disposing a consumer twice is safe",
    wrap: consumersChanged((consumer) => {
      let isGone = false;
      return {
        async [Symbol.asyncDispose]() {
          if (isGone) throw new Error("The consumer is gone.");
          isGone = true;
          await consumer[Symbol.asyncDispose]();
        },
      };
    }),
  },
  {
    fault: "goes on taking messages for a disposed consumer",
    noticedBy: "a disposed consumer takes no more messages",
    wrap: consumersChanged((consumer, subscription, broker) => ({
      async [Symbol.asyncDispose]() {
        await consumer[Symbol.asyncDispose]();
        void drain(await broker.consume({ ...subscription, noAck: true })).catch(() => undefined);
      },
    })),
  },
  {
    fault: "never gives a queue free",
    noticedBy: "a queue can be consumed again after its consumer is gone",
    wrap: (broker) => {
      const taken = new Set<string>();
      return replaced(broker, {
        consume: async (subscription, options) => {
          for (const { name } of subscription.queues) {
            if (taken.has(name)) throw new Error(`The queue ${name} has a consumer.`);
            taken.add(name);
          }
          return broker.consume(subscription, options);
        },
      });
    },
  },
  {
    fault: "forgets what it held when it is closed",
    noticedBy: "messages of a broker that closed without settling them come back, flagged",
    wrap: subscriptionChanged((subscription) => ({ ...subscription, noAck: true })),
  },
  {
    fault: "keeps what was taken with noAck",
    noticedBy: "with noAck messages are settled on arrival",
    wrap: subscriptionChanged((subscription) => ({ ...subscription, noAck: false })),
  },
  {
    fault: "consumes its first queue only",
    noticedBy: "one consumer takes from several queues",
    wrap: subscriptionChanged((subscription) => ({ ...subscription, queues: subscription.queues.slice(0, 1) })),
  },
  {
    fault: "consumes another's queue too",
    noticedBy: "a consumer takes from its own queues only",
    wrap: subscriptionChanged((subscription) => ({
      ...subscription,
      queues: [...subscription.queues, plainQueue("other")],
    })),
  },
  {
    fault: "binds nothing when it consumes",
    noticedBy: "consuming a queue binds it",
    wrap: subscriptionChanged((subscription) => ({
      ...subscription,
      queues: subscription.queues.map(({ name }) => plainQueue(name)),
    })),
  },
];
