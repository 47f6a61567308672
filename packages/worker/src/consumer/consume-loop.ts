/**
 * Keeps consuming: connects, takes batches, and after a loss backs off and consumes again, for ever. Says once that the
 * broker is away and once that it is back.
 * @module
 */
import type { Broker, Clock, Consumer, Delivery, Logger, Queue } from "@celeriac/core";
import { exponentialBackoff, startLoop } from "@celeriac/core";

export interface ConsumeLoopOptions {
  readonly broker: Broker;
  readonly queues: readonly Queue[];
  readonly clock: Clock;
  readonly log: Logger;
  /** The window to ask for now: read again at every connection. */
  readonly prefetch: () => number;
  /** Handles a batch. Must not throw. */
  readonly onBatch: (deliveries: readonly Delivery[]) => void;
  /** Hears of every connection made. */
  readonly onConsuming?: () => void;
}

const RECONNECT = { baseMs: 250, maxMs: 10_000 };

export class ConsumeLoop implements AsyncDisposable {
  readonly #options: ConsumeLoopOptions;
  readonly #loop: AsyncDisposable;
  #consumer: Consumer | undefined;
  #away = false;

  constructor(options: ConsumeLoopOptions) {
    this.#options = options;
    this.#loop = startLoop({
      step: (signal) => this.#consume(signal),
      intervalMs: 0,
      backoff: exponentialBackoff(RECONNECT),
      clock: options.clock,
      onError: (error) => this.#reportLoss(error),
    });
  }

  /** Tells the transport about a new window; a consumer made later asks for it itself. */
  setPrefetch(count: number): void {
    this.#consumer?.setPrefetch(count).catch((error: unknown) => {
      this.#options.log.debug(
        { error: String(error) },
        "the prefetch window could not be changed; the next connection asks again",
      );
    });
  }

  /** Stops taking messages; those in hand stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.#loop[Symbol.asyncDispose]();
    await this.#consumer?.[Symbol.asyncDispose]();
    await closing;
  }

  async #consume(signal: AbortSignal): Promise<void> {
    const { broker, queues, prefetch, onBatch, onConsuming, log } = this.#options;
    const consumer = await broker.consume({ queues, prefetch: prefetch() }, { signal });
    this.#consumer = consumer;
    if (this.#away) log.info({ queues: queues.map((queue) => queue.name) }, "the broker is back; consuming again");
    this.#away = false;
    onConsuming?.();
    try {
      if (signal.aborted) return;
      for await (const batch of consumer) onBatch(batch);
    } finally {
      this.#consumer = undefined;
      await consumer[Symbol.asyncDispose]();
    }
  }

  #reportLoss(error: unknown): void {
    const fields = { error: error instanceof Error ? error.message : String(error) };
    if (this.#away) this.#options.log.debug(fields, "the broker is still away");
    else this.#options.log.warn(fields, "lost the broker; reconnecting until it is back");
    this.#away = true;
  }
}
