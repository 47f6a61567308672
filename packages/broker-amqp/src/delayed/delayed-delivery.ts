/**
 * Declares the queues in which messages wait, and binds the queues they are for: on demand, once for each life of a
 * connection. A broker that never delays anything declares none of it.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import type { Channel } from "amqplib";
import type { AmqpLink } from "../connection/amqp-link.js";
import type { AmqpSession } from "../connection/amqp-session.js";
import { replyCode, together } from "../connection/channel-failure.js";
import type { Destination } from "../publish/confirm-channel.js";
import type { Topology } from "../topology/topology.js";
import { toFieldTable } from "../wire/encode-table.js";
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
  const source = deliveryExchange(prefix);
  if (target.kind === "queue") {
    await channel.bindQueue(target.key, source, directBindingKey(target.key));
    return;
  }
  const key = topicBindingKey(target.bindingKey);
  await channel.bindExchange(target.exchange, source, key);
  await channel.bindQueue(target.queue, target.exchange, key);
}

function asUnroutable(error: unknown): never {
  if (!(error instanceof BrokerError) || replyCode(error.cause) !== 404) throw error;
  throw new BrokerError(`A message cannot wait for a queue that does not exist. ${error.message}`, {
    code: "UNROUTABLE",
    cause: error,
  });
}
