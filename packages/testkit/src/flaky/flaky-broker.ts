/**
 * A broker that fails on command, around any real one: for tests of what a program does when its broker misbehaves.
 * Invariants: (1) the wrapped broker is never told of a publish that is refused; (2) a publish whose answer is lost has
 * been stored; (3) deliveries are the wrapped broker's own.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import type {
  Broker,
  CallOptions,
  Clock,
  Consumer,
  Delivery,
  OncePublisher,
  Parking,
  ReadableDelivery,
  Route,
  Subscription,
} from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";

/** What goes wrong, and when. Counts start at 1 and run over the life of the broker. */
export interface FlakyPlan {
  /** These publishes are refused before anything is stored. */
  readonly refusePublishes?: readonly number[];
  /** These publishes are stored, but their answer never comes: `PUBLISH_TIMEOUT`. */
  readonly loseAnswers?: readonly number[];
  /** These calls of `consume` are refused. */
  readonly refuseConsumes?: readonly number[];
  /** Each consumer loses its connection once after this many batches. */
  readonly dropAfterBatches?: number;
  /** These settlements (ack, reject, restore) fail as if the lease were lost. */
  readonly loseLeases?: readonly number[];
  /** Every publish and settlement takes this much longer, in milliseconds. */
  readonly delayMs?: number;
  readonly clock?: Clock;
}

/** What the flaky broker has seen so far. */
export interface FlakyCounts {
  readonly publishes: number;
  readonly consumes: number;
  readonly settlements: number;
}

/** A broker with a switch. */
export interface FlakyBroker extends Broker {
  readonly counts: FlakyCounts;
  /** From now on everything is refused as `BROKER_UNAVAILABLE`, and open consumers lose their connection. */
  disconnect(): void;
  /** Ends `disconnect`. */
  reconnect(): void;
}

/** Wraps `broker`; closing the wrapper closes it. */
export function flaky(broker: Broker, plan: FlakyPlan = {}): FlakyBroker {
  const clock = plan.clock ?? systemClock;
  const counts = { publishes: 0, consumes: 0, settlements: 0 };
  const originals = new WeakMap<Delivery, Delivery>();
  let offline = new AbortController();

  const pause = async (signal?: AbortSignal): Promise<void> => {
    if (plan.delayMs !== undefined) await clock.sleep(plan.delayMs, signal);
    signal?.throwIfAborted();
    if (offline.signal.aborted) throw unavailable();
  };

  const publishBy = async <T>(work: () => Promise<T>, options: CallOptions | undefined): Promise<T> => {
    counts.publishes += 1;
    const turn = counts.publishes;
    await pause(options?.signal);
    if (plan.refusePublishes?.includes(turn)) throw unavailable();
    const answer = await work();
    if (plan.loseAnswers?.includes(turn)) {
      throw new BrokerError("The answer to this publish was lost on purpose.", {
        code: "PUBLISH_TIMEOUT",
        retryable: true,
      });
    }
    return answer;
  };
  const publish = (message: Message, route: Route, options?: CallOptions): Promise<void> =>
    publishBy(() => broker.publish(message, route, options), options);

  const settle = async (work: () => Promise<void>): Promise<void> => {
    counts.settlements += 1;
    const turn = counts.settlements;
    await pause();
    if (plan.loseLeases?.includes(turn)) {
      throw new BrokerError("The lease of this delivery was lost on purpose.", { code: "LEASE_LOST" });
    }
    await work();
  };

  return {
    description: broker.description,
    queues: broker.queues,
    deadLetters: broker.deadLetters,
    ...(broker.fanout === undefined ? {} : { fanout: broker.fanout }),
    ...(broker.parking === undefined ? {} : { parking: flakyParking(broker.parking, originals) }),
    ...(broker.once === undefined ? {} : { once: flakyOnce(broker.once, publishBy) }),
    get counts() {
      return { ...counts };
    },
    publish,
    async publishMany(messages, options) {
      options?.signal?.throwIfAborted();
      return Promise.allSettled(messages.map(([message, route]) => publish(message, route, options)));
    },
    async consume(subscription: Subscription, options?: CallOptions): Promise<Consumer> {
      counts.consumes += 1;
      const turn = counts.consumes;
      await pause(options?.signal);
      if (plan.refuseConsumes?.includes(turn)) throw unavailable();
      const wrap = deliveryWrapper(settle, originals);
      const { takes } = subscription;
      const asking = takes === undefined ? {} : { takes: (delivery: ReadableDelivery) => takes(wrap(delivery)) };
      const consumer = await broker.consume({ ...subscription, ...asking }, options);
      return flakyConsumer(consumer, plan.dropAfterBatches, () => offline.signal, wrap);
    },
    disconnect() {
      offline.abort();
    },
    reconnect() {
      offline = new AbortController();
    },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

type PublishBy = <T>(work: () => Promise<T>, options: CallOptions | undefined) => Promise<T>;

/** Counts and fails like any publish. */
function flakyOnce(once: OncePublisher, publishBy: PublishBy): OncePublisher {
  return {
    publish: (message, route, key, options) => publishBy(() => once.publish(message, route, key, options), options),
  };
}

type Settle = (work: () => Promise<void>) => Promise<void>;

function flakyConsumer(
  consumer: Consumer,
  dropAfterBatches: number | undefined,
  offline: () => AbortSignal,
  wrap: (delivery: Delivery) => Delivery,
): Consumer {
  return {
    setPrefetch: (count) => consumer.setPrefetch(count),
    [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
    async *[Symbol.asyncIterator]() {
      const cut = offline();
      const dropped = dropAfterBatches === 0 ? AbortSignal.abort() : cut;
      const iterator = consumer[Symbol.asyncIterator]();
      for (let batches = 1; ; batches += 1) {
        const next = await untilAborted(iterator.next(), dropped);
        if (next === undefined) {
          await consumer[Symbol.asyncDispose]();
          throw unavailable();
        }
        if (next.done === true) return;
        yield next.value.map((delivery) => wrap(delivery));
        if (batches === dropAfterBatches) {
          await consumer[Symbol.asyncDispose]();
          throw unavailable();
        }
      }
    },
  };
}

/** The outcome of `work`, or `undefined` once `signal` aborts. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

interface DeliveryWrapper {
  (delivery: ReadableDelivery): ReadableDelivery;
  (delivery: Delivery): Delivery;
}

/** Wraps each delivery once: the one somebody is asked about is the one that is handed out. */
function deliveryWrapper(settle: Settle, originals: WeakMap<Delivery, Delivery>): DeliveryWrapper {
  const wrappers = new WeakMap<Delivery, Delivery>();
  function wrap(delivery: ReadableDelivery): ReadableDelivery;
  function wrap(delivery: Delivery): Delivery;
  function wrap(delivery: Delivery): Delivery {
    const wrapped = wrappers.get(delivery) ?? flakyDelivery(delivery, settle);
    wrappers.set(delivery, wrapped);
    originals.set(wrapped, delivery);
    return wrapped;
  }
  return wrap;
}

function flakyDelivery(delivery: Delivery, settle: Settle): Delivery {
  const { deliveryTag, queue, redelivered, isTaken = false } = delivery;
  const base = {
    deliveryTag,
    queue,
    redelivered,
    isTaken,
    raw: () => delivery.raw(),
    ack: () => settle(() => delivery.ack()),
    reject: (options: { readonly requeue: boolean }) => settle(() => delivery.reject(options)),
    restore: () => settle(() => delivery.restore()),
  };
  return delivery.message === undefined
    ? { ...base, malformed: delivery.malformed }
    : { ...base, message: delivery.message };
}

/** The wrapped broker's parking must be handed its own deliveries. */
function flakyParking(parking: Parking, originals: WeakMap<Delivery, Delivery>): Parking {
  return {
    park: (delivery, dueAtMs) => parking.park(originals.get(delivery) ?? delivery, dueAtMs),
    promoteDue: (options) => parking.promoteDue(options),
    count: (options) => parking.count(options),
  };
}

function unavailable(): BrokerError {
  return new BrokerError("The connection to the broker was cut on purpose.", {
    code: "BROKER_UNAVAILABLE",
    retryable: true,
  });
}
