/**
 * Declares the queues in which messages wait, and binds the queues they are for: on demand, once for each life of a
 * connection, and for whoever consumes what others may delay. A broker that has to do with neither declares none of it.
 * @module
 */

import {
  type AmqpLink,
  type AmqpSession,
  type Destination,
  replyCode,
  type Topology,
  toFieldTable,
  together,
} from "@celeriac/amqp-connection";
import { BrokerError } from "@celeriac/core/errors";
import type { Queue } from "@celeriac/core/ports";
import type { Channel } from "amqplib";
import {
  type DelayTopologyOptions,
  delayKey,
  deliveryExchange,
  directBindingKey,
  entryExchange,
  planDelayLevels,
  topicBindingKey,
} from "./delay-topology.js";
import type { DelayTarget } from "./plan-delay.js";

/** What one session has been told. */
interface Known {
  readonly session: AmqpSession;
  readonly generation: number;
  readonly done: Map<string, Promise<void>>;
}

export interface ReceiveOptions {
  readonly isQuorum: (queue: Queue) => boolean;
  readonly timeoutMs: number;
}

export class DelayedDelivery {
  readonly #link: AmqpLink;
  readonly #topology: Topology;
  readonly #options: DelayTopologyOptions;
  #known: Known | undefined;

  constructor(link: AmqpLink, topology: Topology, options: DelayTopologyOptions) {
    this.#link = link;
    this.#topology = topology;
    this.#options = options;
  }

  /**
   * Where a message goes that waits for a while. All that needs to be declared first is, which may take a while itself.
   * @param delayS - Asked afterwards: whole seconds left, 0 when the message is due by then.
   * @throws BrokerError `UNROUTABLE` when there is no queue that it could be for.
   */
  async destination(target: DelayTarget, timeoutMs: number, delayS: () => number): Promise<Destination> {
    const session = await this.#link.connect("preparing a delayed delivery", { timeoutMs });
    await this.#once(session, "levels", (channel) => declareLevels(channel, this.#options));
    const key = JSON.stringify(target);
    await this.#once(session, key, (channel) => bindTarget(channel, target, this.#options.prefix)).catch(asUnroutable);
    const leftS = delayS();
    if (leftS === 0) return target;
    return { exchange: entryExchange(this.#options.prefix), routingKey: delayKey(leftS, target.key) };
  }

  /**
   * Lets what others delay for these queues reach them: Celery's clients publish without looking, and RabbitMQ throws away
   * what is due and bound to nobody. Levels that are not there yet are declared when one of the queues is a quorum queue,
   * which is when Celery delays; levels that are there may be used for any queue, also those that we may not declare or that
   * are of another type than ours.
   * @returns What the server refuses for good, such as a permission; the rest is done.
   * @throws BrokerError when trying again makes sense.
   * @see celery `worker/consumer/delayed_delivery.py`.
   */
  async receive(queues: readonly Queue[], { isQuorum, timeoutMs }: ReceiveOptions): Promise<BrokerError | undefined> {
    const targets = queues.filter(canBeDelayedByOthers);
    if (targets.length === 0) return undefined;
    if (!queues.some(isQuorum)) {
      const exchange = deliveryExchange(this.#options.prefix);
      if (!(await this.#topology.hasExchange(exchange, { timeoutMs }))) return undefined;
    }
    const session = await this.#link.connect("preparing for delayed deliveries", { timeoutMs });
    const levels = this.#once(session, "levels", (channel) => declareLevels(channel, this.#options));
    const noLevels = await levels.then(() => undefined, asRefusal);
    const bound = this.#topology.use(session, "binding queues to delayed delivery", async (channel) => {
      await together(targets.map((queue) => bindExchange(channel, targetOf(queue), this.#options.prefix)));
    });
    const unbound = await bound.then(() => undefined, asRefusal);
    return noLevels ?? unbound;
  }

  #once(session: AmqpSession, key: string, work: (channel: Channel) => Promise<void>): Promise<void> {
    const { generation } = this.#topology;
    if (this.#known?.session !== session || this.#known.generation !== generation) {
      this.#known = { session, generation, done: new Map() };
    }
    const { done } = this.#known;
    let promise = done.get(key);
    if (promise === undefined) {
      promise = this.#topology.use(session, "declaring the queues of delayed delivery", work);
      done.set(key, promise);
      promise.catch(() => done.delete(key));
    }
    return promise;
  }
}

/** Asked for all at once; amqplib sends them one after the other. Exchanges first: bindings go both ways between them. */
async function declareLevels(channel: Channel, options: DelayTopologyOptions): Promise<void> {
  const levels = planDelayLevels(options);
  await together([
    ...levels.map(({ name }) => channel.assertExchange(name, "topic", { durable: true })),
    channel.assertExchange(deliveryExchange(options.prefix), "topic", { durable: true }),
    ...levels.flatMap((level) => [
      channel.assertQueue(level.name, { durable: true, arguments: toFieldTable(level.arguments) }),
      channel.bindQueue(level.name, level.name, level.queueKey),
      channel.bindExchange(level.next, level.name, level.passKey),
    ]),
  ]);
}

async function bindTarget(channel: Channel, target: DelayTarget, prefix: string): Promise<void> {
  if (target.kind === "exchange") await bindExchange(channel, target, prefix);
  else await channel.bindQueue(target.key, deliveryExchange(prefix), directBindingKey(target.key));
}

type ExchangeTarget = Pick<DelayTarget & { readonly kind: "exchange" }, "exchange" | "queue" | "bindingKey">;

async function bindExchange(channel: Channel, target: ExchangeTarget, prefix: string): Promise<void> {
  const key = topicBindingKey(target.bindingKey);
  await channel.bindExchange(target.exchange, deliveryExchange(prefix), key);
  await channel.bindQueue(target.queue, target.exchange, key);
}

function targetOf({ name, exchange, routingKey }: Queue): ExchangeTarget {
  return { exchange: exchange.name, queue: name, bindingKey: routingKey };
}

/** For direct exchanges Celery does not delay, and our publishers bind the queue themselves. */
function canBeDelayedByOthers({ exchange, routingKey }: Queue): boolean {
  return exchange.name !== "" && routingKey !== "" && (exchange.type === "topic" || exchange.type === "fanout");
}

/** @throws what may pass. */
function asRefusal(error: unknown): BrokerError {
  if (error instanceof BrokerError && !error.retryable) return error;
  throw error;
}

function asUnroutable(error: unknown): never {
  if (!(error instanceof BrokerError) || replyCode(error.cause) !== 404) throw error;
  throw new BrokerError(`A message cannot wait for a queue that does not exist. ${error.message}`, {
    code: "UNROUTABLE",
    cause: error,
  });
}
