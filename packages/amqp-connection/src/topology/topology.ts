/**
 * Declares what it is handed, once for each life of a connection: whoever restarts the server empty, or deletes a queue,
 * gets everything declared again by the next session. Every declaration has a channel of its own, as a refused one
 * closes its channel.
 * @module
 */
import type { Queue } from "@celeriac/core/ports";
import type { Channel } from "amqplib";
import type { AmqpLink, ConnectOptions } from "../connection/amqp-link.js";
import type { AmqpSession } from "../connection/amqp-session.js";
import { channelFailure, replyCode, together } from "../connection/channel-failure.js";
import { toFieldTable } from "../wire/encode-table.js";
import { type Declaration, isQuorum, planDeclaration } from "./plan-declaration.js";

/** What one session has been told. */
interface Known {
  readonly session: AmqpSession;
  /** By identity, for the hot path: routes hand over the same value every time. */
  readonly values: WeakSet<Queue>;
  readonly queues: Map<string, Promise<void>>;
  readonly exchanges: Set<string>;
}

export class Topology {
  readonly #link: AmqpLink;
  readonly #quorumQueues = new Set<string>();
  #known: Known | undefined;
  #generation = 0;

  constructor(link: AmqpLink) {
    this.#link = link;
  }

  /** Whether the current session has declared this very value: nothing needs to be awaited. */
  isDeclared(queue: Queue): boolean {
    return this.#known?.session === this.#link.session && this.#known?.values.has(queue) === true;
  }

  /** Whether the current session has seen this exchange. */
  isExchangeKnown(name: string): boolean {
    return name === "" || (this.#known?.session === this.#link.session && this.#known?.exchanges.has(name) === true);
  }

  /** Whether a queue of that name has been declared as a quorum queue here. */
  isQuorumQueue(name: string): boolean {
    return this.#quorumQueues.has(name);
  }

  /** @throws BrokerError `BROKER_REFUSED` naming the argument that differs from what is there. */
  async declare(queue: Queue, call: ConnectOptions): Promise<void> {
    const doing = `declaring queue "${queue.name}"`;
    const session = await this.#link.connect(doing, call);
    const known = this.#knownTo(session);
    const declaration = planDeclaration(queue);
    const key = JSON.stringify(declaration);
    let declared = known.queues.get(key);
    if (declared === undefined) {
      declared = this.use(session, doing, (channel) => declareAll(channel, declaration));
      known.queues.set(key, declared);
      declared.catch(() => known.queues.delete(key));
    }
    await declared;
    known.values.add(queue);
    if (declaration.exchange !== undefined) known.exchanges.add(declaration.exchange.name);
    if (isQuorum(queue)) this.#quorumQueues.add(queue.name);
  }

  /** Whether an exchange of that name exists; a known one is not asked for again. */
  async hasExchange(name: string, call: ConnectOptions): Promise<boolean> {
    const doing = `looking for exchange "${name}"`;
    const session = await this.#link.connect(doing, call);
    if (this.isExchangeKnown(name)) return true;
    try {
      await this.use(session, doing, (channel) => channel.checkExchange(name));
    } catch (error) {
      if (replyCode(error instanceof Error ? error.cause : error) === 404) return false;
      throw error;
    }
    this.#knownTo(session).exchanges.add(name);
    return true;
  }

  /** This one may have gone: a queue that is deleted with its last consumer, or by somebody else. */
  forgetQueue(queue: Queue): void {
    this.#known?.values.delete(queue);
    this.#known?.queues.delete(JSON.stringify(planDeclaration(queue)));
  }

  /** Something of that name is not there as declared: all is declared again when it is next needed. */
  forget(): void {
    this.#known = undefined;
    this.#generation += 1;
  }

  /** How often everything was forgotten: whoever remembers declarations of their own forgets them along with it. */
  get generation(): number {
    return this.#generation;
  }

  /**
   * Runs `work` on a channel of its own, when it is its turn: a session has a limited number of channels.
   * @throws BrokerError
   */
  use<T>(session: AmqpSession, doing: string, work: (channel: Channel) => Promise<T>): Promise<T> {
    return session.turns.take(() => this.#useChannel(session, doing, work));
  }

  async #useChannel<T>(session: AmqpSession, doing: string, work: (channel: Channel) => Promise<T>): Promise<T> {
    let channel: Channel | undefined;
    try {
      channel = await session.openChannel();
      return await work(channel);
    } catch (error) {
      throw channelFailure(error, doing);
    } finally {
      await channel?.close().catch(() => undefined); // the server closes a channel that it refuses something
    }
  }

  #knownTo(session: AmqpSession): Known {
    if (this.#known?.session !== session) {
      this.#known = { session, values: new WeakSet(), queues: new Map(), exchanges: new Set() };
    }
    return this.#known;
  }
}

/** amqplib sends one request at a time on a channel: what is asked first is done first. */
async function declareAll(channel: Channel, { exchange, queue, binding }: Declaration): Promise<void> {
  await together([
    exchange === undefined
      ? undefined
      : channel.assertExchange(exchange.name, exchange.type, {
          durable: exchange.durable,
          autoDelete: exchange.autoDelete,
          arguments: toFieldTable(exchange.arguments),
        }),
    channel.assertQueue(queue.name, {
      durable: queue.durable,
      autoDelete: queue.autoDelete,
      exclusive: queue.exclusive,
      arguments: toFieldTable(queue.arguments),
    }),
    binding === undefined
      ? undefined
      : channel.bindQueue(queue.name, binding.exchange, binding.routingKey, toFieldTable(binding.arguments)),
  ]);
}
