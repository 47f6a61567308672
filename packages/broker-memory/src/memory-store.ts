/**
 * Where the messages of memory brokers are: what the server is for other transports. Brokers that are handed the same
 * store are peers.
 * Invariants: (1) a message is in exactly one place: a queue, a claim of one broker, or the parking; (2) a queue that is
 * not in the map is empty; (3) everything that may let a waiting consumer go on calls its `onMessages`.
 * @module
 */
import type { DeadLetterRecord, Queue } from "@celeriac/core/ports";
import { type Binding, matches } from "./binding.js";
import { type StoredMessage, WaitingQueue } from "./waiting-queue.js";

interface QueueBinding extends Binding {
  readonly queue: string;
}

/** Hears of the broadcasts that pass its binding. */
export interface StoreListener extends Binding {
  readonly onBroadcast: (raw: string, routingKey: string) => void;
}

/** A message kept until its time. */
export interface ParkedMessage {
  readonly dueAtMs: number;
  readonly queue: string;
  readonly message: StoredMessage;
}

/** Woken when a message comes to a queue it watches. */
export interface StoreConsumer {
  readonly onMessages: () => void;
}

/** The contents of a memory broker; pass one store to several brokers to make them peers. */
export class MemoryStore {
  readonly deadLetters: Map<string, DeadLetterRecord> = new Map();
  /** When a message was published under each key that must be used once; oldest first. */
  readonly published: Map<string, number> = new Map();
  /** Ordered by nothing; there are few. */
  parked: readonly ParkedMessage[] = [];
  readonly #queues = new Map<string, WaitingQueue>();
  readonly #bindings = new Map<string, QueueBinding>();
  readonly #listeners = new Set<StoreListener>();
  readonly #consumers = new Map<string, Set<StoreConsumer>>();

  /** The waiting messages of `name`; an empty queue when nobody has declared it. */
  queue(name: string): WaitingQueue {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new WaitingQueue();
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** Waiting messages of a queue that may not exist. */
  length(name: string): number {
    return this.#queues.get(name)?.length ?? 0;
  }

  declare(queue: Queue): void {
    this.queue(queue.name);
    if (queue.exchange.name === "") return;
    const { name: exchange, type } = queue.exchange;
    this.#bindings.set(bindingId(queue), { exchange, type, routingKey: queue.routingKey, queue: queue.name });
  }

  /** Removes the queue, its messages and this binding. */
  delete(queue: Queue): void {
    this.#bindings.delete(bindingId(queue));
    this.#queues.get(queue.name)?.clear(); // consumers may hold it
    this.#queues.delete(queue.name);
  }

  /** Names of the queues a message goes to, each once. */
  targets(exchange: string, routingKey: string): readonly string[] {
    if (exchange === "") return [routingKey];
    const names = new Set<string>();
    for (const binding of this.#bindings.values()) {
      if (binding.exchange === exchange && matches(binding, routingKey)) names.add(binding.queue);
    }
    return [...names];
  }

  /** Hands a copy to everybody who listens now. */
  broadcast(exchange: string, routingKey: string, raw: string): void {
    for (const listener of this.#listeners) {
      if (listener.exchange === exchange && matches(listener, routingKey)) listener.onBroadcast(raw, routingKey);
    }
  }

  listen(listener: StoreListener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: StoreListener): void {
    this.#listeners.delete(listener);
  }

  /** Behind the waiting ones. */
  put(queue: string, message: StoredMessage): void {
    this.queue(queue).push(message);
    this.#wake(queue);
  }

  /** In front of the waiting ones. */
  putBack(queue: string, message: StoredMessage): void {
    this.queue(queue).pushFront(message);
    this.#wake(queue);
  }

  subscribe(queue: Queue, consumer: StoreConsumer): void {
    this.declare(queue);
    const consumers = this.#consumers.get(queue.name) ?? new Set();
    this.#consumers.set(queue.name, consumers.add(consumer));
  }

  /** An `autoDelete` queue goes with its last consumer. */
  unsubscribe(queue: Queue, consumer: StoreConsumer): void {
    const consumers = this.#consumers.get(queue.name);
    if (consumers?.delete(consumer) !== true || consumers.size > 0) return;
    this.#consumers.delete(queue.name);
    if (queue.autoDelete === true) this.delete(queue);
  }

  #wake(queue: string): void {
    for (const consumer of this.#consumers.get(queue) ?? []) consumer.onMessages();
  }
}

function bindingId(queue: Queue): string {
  return JSON.stringify([queue.exchange.name, queue.routingKey, queue.name]);
}
