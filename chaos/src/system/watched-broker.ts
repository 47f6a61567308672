/**
 * The broker as the worker's main process sees it, with a line in the ledger for each claim, each ack and each message
 * that the worker publishes itself (retries). It also holds the planted fault.
 * @module
 */
import type {
  Broker,
  CallOptions,
  Consumer,
  Delivery,
  Message,
  Parking,
  ReadableDelivery,
  Route,
} from "@celeriac/core";
import type { Ledger } from "../ledger/ledger.js";
import { isPlanted } from "./load.js";

export interface WatchOptions {
  readonly ledger: Ledger;
  /** One message in so many is acknowledged and thrown away, unseen by the worker; 0 for none. */
  readonly plantEvery: number;
}

/** Everything else is the broker's own. */
export function watchBroker(broker: Broker, options: WatchOptions): Broker {
  const originals = new WeakMap<Delivery, Delivery>();
  const { parking, fanout } = broker;
  return {
    description: broker.description,
    queues: broker.queues,
    deadLetters: broker.deadLetters,
    ...(fanout === undefined ? {} : { fanout }),
    ...(parking === undefined ? {} : { parking: watchParking(parking, originals) }),
    publish: (message, route, call) => publish(broker, options.ledger, message, route, call),
    publishMany: (messages, call) => broker.publishMany(messages, call),
    consume: async (subscription, call) =>
      subscription.noAck === true
        ? broker.consume(subscription, call)
        : watchConsumer(await broker.consume(subscription, call), options, originals),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

async function publish(
  broker: Broker,
  ledger: Ledger,
  message: Message,
  route: Route,
  call: CallOptions | undefined,
): Promise<void> {
  const { id, attempt } = identify(message);
  const { eta } = message.headers;
  ledger.write("P", { id, attempt, ...(typeof eta === "string" ? { extra: { eta } } : {}) });
  try {
    await broker.publish(message, route, call);
  } catch (error) {
    ledger.write("N", { id, attempt, extra: { error: String(error).slice(0, 300) } });
    throw error;
  }
  ledger.write("K", { id, attempt });
}

function watchConsumer(consumer: Consumer, options: WatchOptions, originals: WeakMap<Delivery, Delivery>): Consumer {
  async function* batches(): AsyncGenerator<readonly Delivery[], void, undefined> {
    for await (const batch of consumer) {
      const kept: Delivery[] = [];
      for (const delivery of batch) {
        if (isDropped(delivery, options.plantEvery)) await delivery.ack();
        else kept.push(watchDelivery(delivery, options.ledger, originals));
      }
      yield kept;
    }
  }
  return {
    setPrefetch: (count) => consumer.setPrefetch(count),
    [Symbol.asyncIterator]: batches,
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
  };
}

function isDropped(delivery: Delivery, plantEvery: number): boolean {
  return delivery.message !== undefined && isPlanted(identify(delivery.message).id, plantEvery);
}

function watchDelivery(delivery: Delivery, ledger: Ledger, originals: WeakMap<Delivery, Delivery>): Delivery {
  if (delivery.message === undefined) return delivery;
  const { id, attempt } = identify(delivery.message);
  const tag = delivery.deliveryTag;
  ledger.write("C", { id, attempt, extra: { tag, redelivered: delivery.redelivered } });
  const settle = async (asked: string, done: string, act: () => Promise<void>): Promise<void> => {
    ledger.write("A", { id, attempt, extra: { phase: asked, tag } });
    try {
      await act();
    } catch (error) {
      ledger.write("A", { id, attempt, extra: { phase: "refused", tag, error: String(error).slice(0, 300) } });
      throw error;
    }
    ledger.write("A", { id, attempt, extra: { phase: done, tag } });
  };
  const watched: ReadableDelivery = {
    message: delivery.message,
    deliveryTag: tag,
    queue: delivery.queue,
    redelivered: delivery.redelivered,
    raw: () => delivery.raw(),
    ack: () => settle("asked", "confirmed", () => delivery.ack()),
    reject: (how) =>
      how.requeue
        ? settle("returning", "returned", () => delivery.reject(how))
        : settle("asked", "confirmed", () => delivery.reject(how)),
    restore: () => settle("returning", "returned", () => delivery.restore()),
  };
  originals.set(watched, delivery);
  return watched;
}

function watchParking(parking: Parking, originals: WeakMap<Delivery, Delivery>): Parking {
  return {
    park: (delivery, dueAtMs) => parking.park(originals.get(delivery) ?? delivery, dueAtMs),
    promoteDue: (call) => parking.promoteDue(call),
    count: (call) => parking.count(call),
  };
}

function identify(message: Message): { readonly id: string; readonly attempt: number } {
  const { id, retries } = message.headers;
  return { id: typeof id === "string" && id !== "" ? id : "-", attempt: typeof retries === "number" ? retries : 0 };
}
