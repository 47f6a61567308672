/**
 * What RabbitMQ is told about a queue, exactly as kombu tells it: the server refuses any difference with 406.
 * @see PROTOCOL 6.1; kombu `entity.py`, `transport/base.py` to_rabbitmq_queue_arguments.
 * @module
 */
import type { Exchange, Queue } from "@celeriac/core/ports";

export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface QueueDeclaration {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly exclusive: boolean;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface Binding {
  readonly exchange: string;
  readonly routingKey: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** In this order. The anonymous exchange and the server's own (`amq.`) are never declared, the first is never bound to. */
export interface Declaration {
  readonly exchange?: ExchangeDeclaration;
  readonly queue: QueueDeclaration;
  readonly binding?: Binding;
}

export function planDeclaration(queue: Queue): Declaration {
  const { exchange } = queue;
  const declared: QueueDeclaration = {
    name: queue.name,
    durable: queue.durable ?? true,
    autoDelete: queue.autoDelete ?? false,
    exclusive: queue.exclusive ?? false,
    arguments: queueArguments(queue),
  };
  if (exchange.name === "") return { queue: declared };
  const binding = { exchange: exchange.name, routingKey: queue.routingKey, arguments: bindingArguments(queue) };
  return {
    ...(exchange.name.startsWith("amq.") ? {} : { exchange: planExchange(exchange) }),
    queue: declared,
    binding,
  };
}

export function planExchange(exchange: Exchange): ExchangeDeclaration {
  return {
    name: exchange.name,
    type: exchange.type,
    durable: exchange.durable ?? true,
    autoDelete: exchange.autoDelete ?? false,
    arguments: exchange.arguments ?? {},
  };
}

function queueArguments(queue: Queue): Readonly<Record<string, unknown>> {
  return {
    ...queue.arguments,
    ...(queue.expiresMs === undefined ? {} : { "x-expires": Math.trunc(queue.expiresMs) }),
    ...(queue.messageTtlMs === undefined ? {} : { "x-message-ttl": Math.trunc(queue.messageTtlMs) }),
    ...(queue.maxPriority === undefined ? {} : { "x-max-priority": queue.maxPriority }),
  };
}

/** What a headers exchange matches on (`x-match` and the headers): kombu's `binding_arguments`. */
function bindingArguments(queue: Queue): Readonly<Record<string, unknown>> {
  const given: unknown = "bindingArguments" in queue ? queue.bindingArguments : undefined;
  return typeof given === "object" && given !== null ? { ...given } : {};
}

/** Whether messages of this queue are replicated: those queues know no priorities, no TTL of ours, and no global QoS. */
export function isQuorum(queue: Queue | undefined): boolean {
  return queue?.arguments?.["x-queue-type"] === "quorum";
}
