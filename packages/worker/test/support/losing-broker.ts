import type { Broker, Consumer, Delivery } from "@celeriac/core";
import { BrokerError, createDeferred } from "@celeriac/core";
import { wrapBroker } from "./wrap-broker.js";

/** A connection that can be lost: RabbitMQ's way with what a worker holds. */
export interface Losing {
  readonly wrap: (broker: Broker) => Broker;
  /**
   * Everything in the worker's hands goes back to its queue; the broker stays away, so that somebody else can have it. Silent: the
   * worker is not told, as when its lease runs out.
   */
  lose(how?: "silent"): Promise<void>;
  /** Tasks whose delivery was settled after it was lost, with how. */
  readonly late: readonly (readonly [unknown, string])[];
}

export function losing(): Losing {
  const held = new Map<Delivery, Delivery>();
  const lost = new Set<Delivery>();
  const late: (readonly [unknown, string])[] = [];
  let end: (error: Error) => void = () => undefined;
  let stop = (): PromiseLike<void> => Promise.resolve();
  let isAway = false;

  function watch(delivery: Delivery): Delivery {
    const settle = async (how: string, act: () => Promise<void>): Promise<void> => {
      if (lost.has(delivery)) {
        late.push([delivery.message?.headers.id, how]);
        throw new BrokerError("lost", { code: "LEASE_LOST" });
      }
      held.delete(delivery);
      await act();
    };
    const watched: Delivery = {
      ...delivery,
      get isLost(): boolean {
        return lost.has(delivery);
      },
      ack: () => settle("ack", () => delivery.ack()),
      reject: (options) => settle("reject", () => delivery.reject(options)),
      restore: () => settle("restore", () => delivery.restore()),
    };
    held.set(delivery, watched);
    return watched;
  }

  function watchConsumer(consumer: Consumer): Consumer {
    const closed = createDeferred<undefined>();
    const ended = new Promise<never>((_resolve, reject) => {
      end = reject;
    });
    ended.catch(() => undefined); // told to whoever iterates
    stop = () => consumer[Symbol.asyncDispose]();
    return {
      setPrefetch: (count) => consumer.setPrefetch(count),
      async [Symbol.asyncDispose]() {
        closed.resolve(undefined);
        await consumer[Symbol.asyncDispose]();
      },
      async *[Symbol.asyncIterator]() {
        for await (const batch of consumer) yield batch.map(watch);
        await Promise.race([ended, closed.promise]);
      },
    };
  }

  return {
    late,
    wrap: (broker) =>
      wrapBroker(broker, {
        overrides: {
          consume: async (subscription, options) => {
            if (isAway) throw new BrokerError("away", { code: "BROKER_UNAVAILABLE", retryable: true });
            return watchConsumer(await broker.consume(subscription, options));
          },
        },
      }),
    lose: async (how) => {
      isAway = true;
      await stop(); // what goes back must not come straight to us again
      for (const delivery of [...held.keys()].reverse()) {
        lost.add(delivery);
        await delivery.restore();
      }
      held.clear();
      if (how !== "silent") end(new BrokerError("cut", { code: "BROKER_UNAVAILABLE", retryable: true }));
    },
  };
}
