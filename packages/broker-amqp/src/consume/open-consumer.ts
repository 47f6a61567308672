import { randomBytes } from "node:crypto";
import { type AmqpLink, channelFailure, closedError, type Topology } from "@celeriac/amqp-connection";
import { withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, Consumer, Delivery, Subscription } from "@celeriac/core/ports";
import { AmqpConsumer } from "./amqp-consumer.js";
import type { HeldClaim } from "./held-claim.js";
import { Reclaims } from "./reclaims.js";

export interface ConsumersOptions {
  readonly link: AmqpLink;
  readonly topology: Topology;
  readonly timeoutMs: number;
  /** Lets messages that others delayed for these queues reach them. */
  readonly receiveDelayed: (subscription: Subscription, timeoutMs: number) => Promise<void>;
  readonly onDelivery: (delivery: Delivery, claim: HeldClaim) => void;
}

/** The consumers of a broker. */
export interface Consumers {
  /** Declares the queues and starts taking messages. @throws BrokerError, or the signal's reason. */
  open(subscription: Subscription, call?: CallOptions): Promise<Consumer>;
  /** Ends them all; what was yielded and not settled goes back. */
  close(): Promise<void>;
}

export function createConsumers(options: ConsumersOptions): Consumers {
  const { link, topology, onDelivery } = options;
  const consumers = new Set<AmqpConsumer>();
  const reclaims = new Reclaims();
  const prefix = randomBytes(6).toString("base64url");
  let channels = 0;

  async function start(subscription: Subscription, timeoutMs: number): Promise<AmqpConsumer> {
    const names = subscription.queues.map(({ name }) => `"${name}"`).join(", ");
    const session = await link.connect(`consuming ${names}`, { timeoutMs });
    // Whatever was declared before may have been deleted since: a consumer that starts looks at it anew.
    for (const queue of subscription.queues) topology.forgetQueue(queue);
    await Promise.all(subscription.queues.map((queue) => topology.declare(queue, { timeoutMs })));
    await options.receiveDelayed(subscription, timeoutMs);
    const channel = await session.openChannel().catch((error: unknown) => {
      throw channelFailure(error, "opening a channel");
    });
    channels += 1;
    const consumer = new AmqpConsumer({
      session,
      channel,
      subscription,
      channelId: `${prefix}.${channels}`,
      reclaims,
      onDelivery,
      onClosed: () => consumers.delete(consumer),
    });
    consumers.add(consumer);
    try {
      await consumer.start();
    } catch (error) {
      await consumer.close();
      throw error;
    }
    return consumer;
  }

  return {
    open(subscription, call = {}) {
      const { signal, timeoutMs = options.timeoutMs } = call;
      if (signal?.aborted === true) return Promise.reject(signal.reason);
      if (link.isClosed) return Promise.reject(closedError("consuming"));
      let isLate = false;
      const arrive = reclaims.setOut(subscription.queues.map(({ name }) => name));
      const started = start(subscription, timeoutMs).then(async (consumer) => {
        if (isLate) await consumer.close(); // its caller has gone
        return consumer;
      });
      return withDeadline(started, { timeoutMs, signal }, () => link.unavailable("consuming"))
        .catch((error) => {
          isLate = true;
          throw error;
        })
        .finally(arrive);
    },
    close: async () => {
      reclaims.close();
      await Promise.all([...consumers].map((consumer) => consumer.close()));
    },
  };
}
