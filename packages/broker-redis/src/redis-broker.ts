/**
 * Celery's Redis transport: kombu's layout, none of its holes. Reads like a table of contents; each part is a folder.
 * @see DESIGN section 5, PROTOCOL section 5.
 * @module
 */
import { randomUUID } from "node:crypto";
import type {
  Broker,
  BrokerDescription,
  CallOptions,
  Consumer,
  DeadLetterStore,
  Fanout,
  OncePublisher,
  Parking,
  QueueAdmin,
  Route,
  Subscription,
} from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import type { RedisConnection, RedisServer, RedisSubscriber } from "@celeriac/redis-connection";
import type { BrokerSettings } from "./broker-settings.js";
import type { Calls } from "./calls.js";
import { createCalls } from "./calls.js";
import { openConsumer } from "./consume/open-consumer.js";
import { createRedisDeadLetters } from "./dead-letters/redis-dead-letters.js";
import { createRedisFanout } from "./fanout/redis-fanout.js";
import type { KeyLayout } from "./key-layout.js";
import { createKeyLayout } from "./key-layout.js";
import { createRedisParking } from "./parking/redis-parking.js";
import { Bindings } from "./publish/bindings.js";
import { createRedisOncePublisher } from "./publish/once-publisher.js";
import { Publisher } from "./publish/publisher.js";
import { createRedisQueueAdmin } from "./queues/redis-queue-admin.js";
import { Holdings } from "./unacked/holdings.js";
import type { HeldMessage } from "./unacked/restorer.js";

export interface RedisBrokerParts {
  readonly server: RedisServer;
  readonly settings: BrokerSettings;
  readonly onWarning: (message: string) => void;
}

export class RedisBroker implements Broker {
  readonly description: BrokerDescription;
  readonly queues: QueueAdmin;
  readonly deadLetters: DeadLetterStore;
  readonly fanout: Fanout;
  readonly parking: Parking;
  readonly once: OncePublisher;
  readonly #parts: RedisBrokerParts;
  readonly #keys: KeyLayout;
  readonly #connection: RedisConnection;
  readonly #calls: Calls;
  readonly #publisher: Publisher;
  readonly #bindings: Bindings;
  readonly #consumers = new Set<Consumer>();
  #holdings: Holdings | undefined;
  #subscriber: RedisSubscriber | undefined;

  constructor(parts: RedisBrokerParts) {
    const { server, settings } = parts;
    const timeoutMs = settings.publishTimeoutMs;
    this.#parts = parts;
    this.#keys = createKeyLayout(settings, server.address.db);
    this.#connection = server.openCommands();
    this.#calls = createCalls(this.#connection, timeoutMs);
    this.#bindings = new Bindings(this.#connection, this.#keys);
    const sending = { connection: this.#connection, keys: this.#keys, bindings: this.#bindings, timeoutMs };
    this.#publisher = new Publisher(sending);
    this.once = createRedisOncePublisher(sending);
    this.description = describe(server);
    this.queues = createRedisQueueAdmin(this.#calls, this.#keys, this.#bindings);
    this.deadLetters = createRedisDeadLetters(this.#calls, this.#keys, settings.deadLetterLimit);
    this.parking = createRedisParking(this.#calls, this.#keys);
    this.fanout = createRedisFanout({
      keys: this.#keys,
      publisher: this.#publisher,
      queues: this.queues,
      subscriber: () => {
        this.#subscriber ??= server.openSubscriber();
        return this.#subscriber;
      },
      timeoutMs,
    });
  }

  publish(message: Message, route: Route, options?: CallOptions): Promise<void> {
    return this.#publisher.publish(message, route, options);
  }

  publishMany(
    messages: readonly (readonly [Message, Route])[],
    options?: CallOptions,
  ): Promise<readonly PromiseSettledResult<void>[]> {
    return Promise.allSettled(messages.map(([message, route]) => this.#publisher.publish(message, route, options)));
  }

  async consume(subscription: Subscription, options?: CallOptions): Promise<Consumer> {
    for (const queue of subscription.queues) await this.queues.declare(queue, options);
    const { server, settings, onWarning } = this.#parts;
    this.#holdings ??= new Holdings({
      server,
      settings,
      onWarning,
      connection: this.#connection,
      keys: this.#keys,
      bindings: this.#bindings,
      bury: (held, reason, detail) => this.#bury(held, reason, detail),
    });
    const consumer = openConsumer({
      subscription,
      server,
      settings,
      connection: this.#connection,
      keys: this.#keys,
      queues: this.queues,
      holdings: this.#holdings,
      onDispose: (closed) => this.#consumers.delete(closed),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  /** Ends consumers (what they have not yielded is restored), lets what is in flight finish, closes what we opened. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer[Symbol.asyncDispose]()));
    await this.#holdings?.[Symbol.asyncDispose]();
    await new Promise((resolve) => setImmediate(resolve)); // publishes and acks of this tick are written first
    await Promise.all([this.#connection[Symbol.asyncDispose](), this.#subscriber?.[Symbol.asyncDispose]()]);
  }

  #bury({ tag, record }: HeldMessage, reason: string, detail: string): Promise<void> {
    const kept = record.subarray(0, 1024 * 1024);
    return this.deadLetters.add({
      id: randomUUID(),
      queue: "",
      reason,
      detail: `${detail} Delivery tag ${tag}.`,
      at: Date.now(),
      worker: "",
      raw: kept.toString("base64"),
      ...(kept.length < record.length ? { truncated: true } : {}),
    });
  }
}

function describe({ address }: RedisServer): BrokerDescription {
  return {
    transport: "redis",
    hostname: address.hostname,
    ...(address.port === undefined ? {} : { port: address.port }),
    virtualHost: String(address.db),
    ...(address.username === undefined ? {} : { userId: address.username }),
  };
}
