import { BrokerError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import type {
  Broker,
  BrokerDescription,
  BrokerFactory,
  CallOptions,
  Clock,
  Consumer,
  DeadLetterStore,
  Fanout,
  OncePublisher,
  Parking,
  QueueAdmin,
  Route,
  Subscription,
} from "@celeriac/core/ports";
import { encodeEnvelope, type Message } from "@celeriac/core/protocol";
import { memoryDeadLetters, memoryFanout, memoryParking, memoryQueueAdmin } from "./abilities.js";
import { Claims } from "./claims.js";
import { MemoryConsumer } from "./memory-consumer.js";
import { MemoryStore, type StoreListener } from "./memory-store.js";
import { memoryOnce } from "./once.js";
import { OpenGate } from "./open-gate.js";
import { stepOf } from "./waiting-queue.js";

export interface MemoryBrokerOptions {
  /** Brokers with the same store are peers. Default a store of its own. */
  readonly store?: MemoryStore;
  /** Broker time, for parked messages and for keys used once. Default the real clock. */
  readonly clock?: Clock;
}

/** A broker inside this process. It holds no timer and no handle, so it never keeps a process alive. */
class MemoryBroker implements Broker {
  readonly description: BrokerDescription = { transport: "memory", hostname: "localhost", virtualHost: "/" };
  readonly queues: QueueAdmin;
  readonly deadLetters: DeadLetterStore;
  readonly fanout: Fanout;
  readonly parking: Parking;
  readonly once: OncePublisher;
  readonly #store: MemoryStore;
  readonly #claims: Claims;
  readonly #gate = new OpenGate();
  readonly #consumers = new Set<MemoryConsumer>();
  readonly #listeners = new Set<StoreListener>();

  constructor(options: MemoryBrokerOptions) {
    this.#store = options.store ?? new MemoryStore();
    this.#claims = new Claims(this.#store);
    this.queues = memoryQueueAdmin(this.#store, this.#gate);
    this.deadLetters = memoryDeadLetters(this.#store, this.#gate);
    const clock = options.clock ?? systemClock;
    this.parking = memoryParking(this.#store, this.#claims, this.#gate, clock);
    this.once = memoryOnce(this.#store, this.#gate, clock, (message, route) => this.#publish(message, route));
    this.fanout = memoryFanout(this.#store, this.#gate, (listener) => this.#listeners.add(listener));
  }

  async publish(message: Message, route: Route, options?: CallOptions): Promise<void> {
    this.#gate.pass(options);
    this.#publish(message, route);
  }

  async publishMany(
    messages: readonly (readonly [Message, Route])[],
    options?: CallOptions,
  ): Promise<readonly PromiseSettledResult<void>[]> {
    this.#gate.pass(options);
    return Promise.allSettled(messages.map(async ([message, route]) => this.#publish(message, route)));
  }

  async consume(subscription: Subscription, options?: CallOptions): Promise<Consumer> {
    this.#gate.pass(options);
    const forget = (closed: MemoryConsumer): void => void this.#consumers.delete(closed);
    const consumer = new MemoryConsumer(this.#store, this.#claims, subscription, forget);
    this.#consumers.add(consumer);
    return consumer;
  }

  /** Ends the consumers and gives back what is in hand, as kombu does when a channel closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate.close();
    for (const consumer of [...this.#consumers]) await consumer[Symbol.asyncDispose]();
    for (const listener of this.#listeners) this.#store.unlisten(listener);
    this.#claims.restoreAll();
  }

  #publish(message: Message, route: Route): void {
    const { exchange, routingKey } = route;
    if (route.queue !== undefined) this.#store.declare(route.queue);
    const raw = encodeEnvelope(message, { exchange, routingKey, deliveryTag: "" });
    const targets = this.#store.targets(exchange, routingKey);
    if (route.exchangeType === "fanout") this.#store.broadcast(exchange, routingKey, raw);
    else if (targets.length === 0) throw unroutable(route);
    const stored = { raw, step: stepOf(message.properties.priority), redelivered: false };
    for (const queue of targets) this.#store.put(queue, stored);
  }
}

function unroutable(route: Route): BrokerError {
  const message = `No queue is bound to exchange "${route.exchange}" for routing key "${route.routingKey}".`;
  return new BrokerError(`${message} Declare it, or pass it as the queue of the route.`, { code: "UNROUTABLE" });
}

/** Makes a broker inside this process, with all abilities. @see the README for what that is good for. */
export interface MemoryBrokerFactory extends BrokerFactory {
  (options?: MemoryBrokerOptions): Broker;
}

/**
 * A broker inside this process, for tests and development. Every call makes an isolated one, `fromUrl("memory://")` too;
 * brokers that share a `MemoryStore` are peers.
 */
export const memoryBroker: MemoryBrokerFactory = Object.assign(
  (options: MemoryBrokerOptions = {}): Broker => new MemoryBroker(options),
  {
    role: "broker",
    schemes: ["memory"],
    fromUrl: (): Broker => new MemoryBroker({}),
  } as const,
);
