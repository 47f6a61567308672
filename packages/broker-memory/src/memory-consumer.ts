import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { Consumer, Delivery, Queue, Subscription } from "@celeriac/core/ports";
import type { Claims } from "./claims.js";
import type { MemoryStore, StoreConsumer } from "./memory-store.js";

/** Most deliveries handed over at once, so that one consumer without a prefetch limit leaves some to others. */
const BATCH = 256;

/**
 * Deliveries after which timers and I/O get their turn. All of ours are microtasks, so a task that always sends itself
 * again would let nothing else happen. The immediate is not one of the global object, which tests with fake timers replace.
 */
const DELIVERIES_PER_TURN = 256;

/**
 * Takes messages when it is asked for the next batch, never ahead: nothing is ever claimed and not yielded.
 * Sleeps on a promise, without a timer.
 */
export class MemoryConsumer implements Consumer, StoreConsumer {
  readonly #store: MemoryStore;
  readonly #claims: Claims;
  readonly #queues: readonly Queue[];
  readonly #noAck: boolean;
  readonly #onClosed: (consumer: MemoryConsumer) => void;
  #prefetch: number;
  #held = 0;
  #turn = 0;
  #sinceEventLoopTurn = 0;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(
    store: MemoryStore,
    claims: Claims,
    subscription: Subscription,
    onClosed: (consumer: MemoryConsumer) => void,
  ) {
    this.#store = store;
    this.#claims = claims;
    this.#queues = subscription.queues;
    this.#prefetch = subscription.prefetch;
    this.#noAck = subscription.noAck ?? false;
    this.#onClosed = onClosed;
    for (const queue of this.#queues) store.subscribe(queue, this);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Delivery[], void, undefined> {
    while (!this.#closed) {
      if (this.#sinceEventLoopTurn >= DELIVERIES_PER_TURN) {
        this.#sinceEventLoopTurn = 0;
        await eventLoopTurn();
        continue; // nothing may be claimed once we are closed
      }
      const batch = this.#claim();
      this.#sinceEventLoopTurn += batch.length;
      if (batch.length > 0) yield batch;
      else await this.#sleep();
    }
  }

  async setPrefetch(count: number): Promise<void> {
    this.#prefetch = count;
    this.onMessages();
  }

  onMessages(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const queue of this.#queues) this.#store.unsubscribe(queue, this);
    this.onMessages();
    this.#onClosed(this);
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #claim(): readonly Delivery[] {
    const room = this.#noAck ? BATCH : Math.min(BATCH, this.#prefetch - this.#held);
    const batch: Delivery[] = [];
    while (batch.length < room) {
      const delivery = this.#take();
      if (delivery === undefined) break;
      batch.push(delivery);
    }
    return batch;
  }

  /** The most urgent message; queues of equal urgency take turns. */
  #take(): Delivery | undefined {
    let best: { readonly name: string; readonly step: number; readonly index: number } | undefined;
    for (let offset = 0; offset < this.#queues.length; offset += 1) {
      const index = (this.#turn + offset) % this.#queues.length;
      const name = this.#queues[index]?.name ?? "";
      const step = this.#store.queue(name).nextStep;
      if (step < (best?.step ?? Number.POSITIVE_INFINITY)) best = { name, step, index };
    }
    if (best === undefined) return undefined;
    const message = this.#store.queue(best.name).shift();
    if (message === undefined) return undefined;
    this.#turn = best.index + 1;
    if (this.#noAck) return this.#claims.addSettled(best.name, message);
    this.#held += 1;
    return this.#claims.add(best.name, message, () => {
      this.#held -= 1;
      this.onMessages();
    });
  }
}
