/**
 * How long somebody waits for a message to come back to us: a while that counts only when nobody is on the way to
 * consume its queue. An outage of the server does not use it up, and it starts anew with every try to consume, when that
 * has succeeded or failed. Whoever stops trying, as a worker that shuts down does, ends all waiting within the while.
 * @module
 */
import { createDeferred, type Deferred } from "@celeriac/core/lifecycle";

interface Waiter {
  readonly queue: string;
  readonly over: Deferred<void>;
  timer: NodeJS.Timeout | undefined;
}

/** Somebody who waits. */
export interface Wait {
  /** Resolves when it has been long enough. */
  readonly over: Promise<void>;
  /** The message has come. */
  end(): void;
}

export class Patience {
  readonly #patienceMs: number;
  readonly #waiters = new Set<Waiter>();
  /** How many are on their way to consume each queue. */
  readonly #tries = new Map<string, number>();

  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  wait(queue: string): Wait {
    const waiter: Waiter = { queue, over: createDeferred<void>(), timer: undefined };
    this.#waiters.add(waiter);
    this.#count(waiter);
    return { over: waiter.over.promise, end: () => this.#end(waiter) };
  }

  /** Somebody sets out to consume these queues. @returns to be called once: it has succeeded, or failed. */
  setOut(queues: readonly string[]): () => void {
    for (const queue of queues) this.#tries.set(queue, (this.#tries.get(queue) ?? 0) + 1);
    this.#recount(queues);
    return () => {
      for (const queue of queues) {
        const left = (this.#tries.get(queue) ?? 0) - 1;
        if (left > 0) this.#tries.set(queue, left);
        else this.#tries.delete(queue);
      }
      this.#recount(queues);
    };
  }

  #recount(queues: readonly string[]): void {
    for (const waiter of this.#waiters) if (queues.includes(waiter.queue)) this.#count(waiter);
  }

  #count(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    waiter.timer = this.#tries.has(waiter.queue) ? undefined : setTimeout(() => this.#end(waiter), this.#patienceMs);
  }

  #end(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
    waiter.over.resolve();
  }
}
