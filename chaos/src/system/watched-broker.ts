/**
 * The broker as the worker's main process sees it, with a line in the ledger for each claim, each ack and each message
 * that the worker publishes itself (retries). It also holds the planted fault.
 * @module
 */
import type { Broker, Consumer, Delivery, Message, Parking, Subscription } from "@celeriac/core";
import type { Ledger } from "../ledger/ledger.js";
import type { Plant } from "./chord-load.js";
import { DeliveryWatch, identify } from "./delivery-watch.js";
import { isPlanted } from "./load.js";
import { refusal } from "./refusal.js";
import { spoilChords } from "./spoil-chords.js";

export interface WatchOptions {
  readonly ledger: Ledger;
  /** One message in so many is acknowledged and thrown away, unseen by the worker; 0 for none. */
  readonly plantEvery: number;
  /** Chords whose bodies are spoilt on the way to the broker, and how. */
  readonly plantedChords?: ReadonlyMap<number, Plant>;
}

/** Everything else is the broker's own. */
export function watchBroker(broker: Broker, options: WatchOptions): Broker {
  const watch = new DeliveryWatch(options.ledger);
  const { ledger } = options;
  const { parking, fanout } = broker;
  const { publish, once } = spoilChords(broker, options.plantedChords ?? new Map());
  return {
    description: broker.description,
    queues: broker.queues,
    deadLetters: broker.deadLetters,
    ...(fanout === undefined ? {} : { fanout }),
    ...(parking === undefined ? {} : { parking: watchParking(parking, watch) }),
    publish: (message, route, call) => note(ledger, message, () => publish(message, route, call)),
    ...(once === undefined
      ? {}
      : {
          once: {
            publish: (message, route, key, call) =>
              note(ledger, message, () => once.publish(message, route, key, call)),
          },
        }),
    publishMany: (messages, call) => broker.publishMany(messages, call),
    consume: async (subscription, call) =>
      subscription.noAck === true
        ? broker.consume(subscription, call)
        : watchConsumer(await broker.consume(watchTakes(subscription, watch), call), options, watch),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

async function note<T>(ledger: Ledger, message: Message, publish: () => Promise<T>): Promise<T> {
  const { id, attempt } = identify(message);
  const { eta } = message.headers;
  ledger.write("P", { id, attempt, ...(typeof eta === "string" ? { extra: { eta } } : {}) });
  let done: T;
  try {
    done = await publish();
  } catch (error) {
    ledger.write("N", { id, attempt, extra: refusal(error) });
    throw error;
  }
  ledger.write("K", { id, attempt });
  return done;
}

/** What is taken out in one step is acknowledged before anybody can say so: the ledger is told before the step. */
function watchTakes(subscription: Subscription, watch: DeliveryWatch): Subscription {
  const { takes } = subscription;
  if (takes === undefined) return subscription;
  return {
    ...subscription,
    takes: (delivery) => {
      const accepted = takes(watch.wrap(delivery));
      if (accepted) watch.noteTake(delivery);
      return accepted;
    },
  };
}

function watchConsumer(consumer: Consumer, options: WatchOptions, watch: DeliveryWatch): Consumer {
  async function* batches(): AsyncGenerator<readonly Delivery[], void, undefined> {
    for await (const batch of consumer) {
      const kept: Delivery[] = [];
      for (const delivery of batch) {
        if (isDropped(delivery, options.plantEvery)) await delivery.ack();
        else kept.push(watch.noteArrival(delivery));
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

function watchParking(parking: Parking, watch: DeliveryWatch): Parking {
  return {
    park: (delivery, dueAtMs) => parking.park(watch.originalOf(delivery), dueAtMs),
    promoteDue: (call) => parking.promoteDue(call),
    count: (call) => parking.count(call),
  };
}
