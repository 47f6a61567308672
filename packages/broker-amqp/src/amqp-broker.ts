/**
 * Celery's RabbitMQ transport: kombu's topology, every publish confirmed. Reads like a table of contents; each part is a
 * folder. One connection consumes and looks after queues, the other publishes, so that a server which blocks publishers
 * still delivers, acknowledges and answers.
 * @see DESIGN section 6, PROTOCOL section 6.
 * @module
 */

import { type AmqpAddress, AmqpLink, closedError, Publisher, Topology } from "@celeriac/amqp-connection";
import { withDeadline } from "@celeriac/core/lifecycle";
import type {
  Broker,
  BrokerDescription,
  CallOptions,
  Consumer,
  DeadLetterStore,
  Delivery,
  Fanout,
  Parking,
  QueueAdmin,
  Route,
  Subscription,
} from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import type { HeldClaim } from "./consume/held-claim.js";
import { type Consumers, createConsumers } from "./consume/open-consumer.js";
import { AmqpDeadLetters } from "./dead-letters/amqp-dead-letters.js";
import { createAmqpParking } from "./delayed/amqp-parking.js";
import { DelayedDelivery } from "./delayed/delayed-delivery.js";
import { createDelayedReceiver } from "./delayed/receive-delayed.js";
import { AmqpFanout } from "./fanout/amqp-fanout.js";
import type { BrokerSettings } from "./options/broker-settings.js";
import { createPlacement, type Placement } from "./publish/placement.js";
import { AmqpQueueAdmin } from "./queues/amqp-queue-admin.js";

/** A server that does not answer keeps nobody from leaving. */
const GOODBYE_MS = 3000;

export class AmqpBroker implements Broker {
  readonly description: BrokerDescription;
  readonly queues: QueueAdmin;
  readonly deadLetters: DeadLetterStore;
  readonly fanout: Fanout;
  readonly parking: Parking;
  readonly #consuming: AmqpLink;
  readonly #publishing: AmqpLink;
  readonly #publisher: Publisher;
  readonly #place: Placement;
  readonly #consumers: Consumers;
  readonly #listeners: AmqpFanout;
  readonly #claims = new WeakMap<Delivery, HeldClaim>();
  #isClosing = false;

  constructor(addresses: readonly [AmqpAddress, ...AmqpAddress[]], settings: BrokerSettings) {
    const timeoutMs = settings.publishTimeoutMs;
    this.#consuming = new AmqpLink(addresses, settings, "consume");
    this.#publishing = new AmqpLink(addresses, settings, "publish");
    const topology = new Topology(this.#consuming);
    const publishTopology = new Topology(this.#publishing);
    const delayTopology = { queueType: settings.delayedDeliveryQueueType, prefix: settings.delayedDeliveryPrefix };
    const delayed = new DelayedDelivery(this.#publishing, publishTopology, delayTopology);
    const publisher = new Publisher({ link: this.#publishing, topology: publishTopology, timeoutMs });
    const queues = new AmqpQueueAdmin({
      link: this.#consuming,
      topology,
      timeoutMs,
      onDelete: () => {
        topology.forget();
        publishTopology.forget();
      },
    });
    const listeners = new AmqpFanout({
      consuming: this.#consuming,
      topology,
      publishing: { publisher, topology: publishTopology },
      queues,
      timeoutMs,
    });
    this.#publisher = publisher;
    this.#place = createPlacement({
      delayed,
      mode: settings.delayedDelivery,
      isQuorumQueue: (name) => topology.isQuorumQueue(name) || publishTopology.isQuorumQueue(name),
      now: Date.now,
    });
    // On the consuming connection: the server may be blocking the other one.
    const arriving = new DelayedDelivery(this.#consuming, topology, delayTopology);
    this.#consumers = createConsumers({
      link: this.#consuming,
      topology,
      timeoutMs,
      receiveDelayed: createDelayedReceiver(arriving, this.#consuming, settings),
      onDelivery: (delivery, claim) => this.#claims.set(delivery, claim),
    });
    this.#listeners = listeners;
    this.description = describe(addresses[0]);
    this.queues = queues;
    this.fanout = listeners;
    this.deadLetters = new AmqpDeadLetters({
      link: this.#consuming,
      publisher,
      queues,
      topology,
      name: settings.deadLetterQueue,
      timeoutMs,
    });
    this.parking = createAmqpParking({
      publisher,
      delayed,
      topology: delayTopology,
      queues,
      claimOf: (delivery) => this.#claims.get(delivery),
      now: Date.now,
    });
  }

  publish(message: Message, route: Route, options?: CallOptions): Promise<void> {
    if (this.#isClosing) return Promise.reject(closedError("publishing a message"));
    try {
      return this.#publisher.publish(this.#place(message, route), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  publishMany(
    messages: readonly (readonly [Message, Route])[],
    options?: CallOptions,
  ): Promise<readonly PromiseSettledResult<void>[]> {
    return Promise.allSettled(messages.map(([message, route]) => this.publish(message, route, options)));
  }

  consume(subscription: Subscription, options?: CallOptions): Promise<Consumer> {
    if (this.#isClosing) return Promise.reject(closedError("consuming"));
    return this.#consumers.open(subscription, options);
  }

  /** Ends consumers and listeners, lets what is on its way be confirmed; what is still held goes back to its queue. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await new Promise((resolve) => setImmediate(resolve)); // acks and messages of this turn are written first
    const ended = Promise.all([this.#consumers.close(), this.#listeners.close(), this.#publisher.close()]);
    const late = (): Error => new Error("no answer"); // then the connections end without one
    await withDeadline(ended, { timeoutMs: GOODBYE_MS }, late).catch(() => undefined);
    await Promise.all([this.#consuming[Symbol.asyncDispose](), this.#publishing[Symbol.asyncDispose]()]);
  }
}

function describe({ hostname, port, virtualHost, username }: AmqpAddress): BrokerDescription {
  return { transport: "amqp", hostname, port, virtualHost, userId: username };
}
