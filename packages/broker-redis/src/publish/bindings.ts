/**
 * Which queues an exchange reaches, as kombu keeps it: one set of `routing key, pattern, queue` per exchange. PROTOCOL 5.3.
 * @module
 */
import type { ExchangeType, Queue } from "@celeriac/core/ports";
import type { RedisCommand, RedisConnection } from "@celeriac/redis-connection";
import { listReply, textReply } from "@celeriac/redis-connection";
import type { KeyLayout } from "../key-layout.js";
import { formerTopicPattern, topicMatches, topicPattern } from "./topic-pattern.js";

interface Binding {
  readonly routingKey: string;
  readonly pattern: string;
  readonly queue: string;
}

/** How long a binding that was found is believed. One that was not found is looked up each time. */
const TRUST_MS = 1000;

export class Bindings {
  readonly #connection: RedisConnection;
  readonly #keys: KeyLayout;
  readonly #tables = new Map<string, { readonly readAt: number; readonly bindings: readonly Binding[] }>();

  constructor(connection: RedisConnection, keys: KeyLayout) {
    this.#connection = connection;
    this.#keys = keys;
  }

  /**
   * Commands that make a queue known; none for the anonymous exchange, which needs no binding.
   * The second set tells kombu 5.7's sweep of expired bindings that this one does not expire; older peers ignore it.
   */
  declareCommands(queue: Queue): readonly RedisCommand[] {
    const { name, type } = queue.exchange;
    if (name === "") return [];
    const member = this.#member(queue, type === "topic" ? topicPattern(queue.routingKey) : "");
    return [
      ["sadd", [this.#keys.bindings(name), member]],
      ["sadd", [this.#keys.permanentBindings(name), member]],
    ];
  }

  removeCommands(queue: Queue): readonly RedisCommand[] {
    const { name, type } = queue.exchange;
    if (name === "") return [];
    const patterns = type === "topic" ? [topicPattern(queue.routingKey), formerTopicPattern(queue.routingKey)] : [""];
    const members = [...new Set(patterns)].map((pattern) => this.#member(queue, pattern));
    this.#tables.delete(name);
    return [
      ["srem", [this.#keys.bindings(name), ...members]],
      ["srem", [this.#keys.permanentBindings(name), ...members]],
    ];
  }

  /** Names of the queues a message reaches; empty when none is bound. @throws BrokerError */
  async queuesFor(exchange: string, routingKey: string, type: ExchangeType | undefined): Promise<readonly string[]> {
    if (exchange === "") return routingKey === "" ? [] : [routingKey];
    const known = this.#tables.get(exchange);
    if (known !== undefined && performance.now() - known.readAt < TRUST_MS) {
      const queues = match(known.bindings, routingKey, type);
      if (queues.length > 0) return queues;
    }
    const reply = listReply(await this.#connection.send("smembers", [this.#keys.bindings(exchange)]));
    const bindings = reply.map((member) => this.#parse(textReply(member) ?? ""));
    this.#tables.set(exchange, { readAt: performance.now(), bindings });
    return match(bindings, routingKey, type);
  }

  #member(queue: Queue, pattern: string): string {
    return [queue.routingKey, pattern, queue.name].join(this.#keys.sep);
  }

  #parse(member: string): Binding {
    const [routingKey = "", pattern = "", queue = ""] = member.split(this.#keys.sep);
    return { routingKey, pattern, queue };
  }
}

/** Types are not stored; when the caller does not know it either, a pattern gives a topic binding away. */
function match(bindings: readonly Binding[], routingKey: string, type: ExchangeType | undefined): readonly string[] {
  const queues = new Set<string>();
  for (const binding of bindings) {
    if (binding.queue === "") continue;
    const isTopic = type === "topic" || (type === undefined && binding.pattern !== "");
    const reaches = isTopic ? topicMatches(binding.routingKey, routingKey) : binding.routingKey === routingKey;
    if (reaches || type === "fanout") queues.add(binding.queue);
  }
  return [...queues];
}
