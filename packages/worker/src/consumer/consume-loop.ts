/**
 * Keeps consuming: connects, takes batches, and after a loss backs off and consumes again, for ever. Says once that the
 * broker is away and once that it is back.
 * @module
 */
import type { Broker, Clock, Consumer, Delivery, Logger, Queue, Subscription } from "@celeriac/core";
import { BrokerError, exponentialBackoff, startLoop } from "@celeriac/core";

export interface ConsumeLoopOptions {
  readonly broker: Broker;
  readonly queues: readonly Queue[];
  readonly clock: Clock;
  readonly log: Logger;
  /** The window to ask for now: read again at every connection. */
  readonly prefetch: () => number;
  /** Whether a message would be acknowledged the moment it is handed out. */
  readonly takes?: Subscription["takes"];
  /** Handles a batch. Must not throw. */
  readonly onBatch: (deliveries: readonly Delivery[]) => void;
  /** A consumer has ended: what it handed out may be lost. */
  readonly onEnded?: () => void;
  /** Hears of every try to connect, whether it succeeded or not. */
  readonly onTried?: () => void;
}

/** Somebody who starts a worker without a broker should not look at a silent terminal for long. */
const FIRST_WORD_MS = 2000;

/** Capped so that the first task starts within 5 s of the broker's return (G13). */
const RECONNECT = { baseMs: 250, maxMs: 4000 };

export class ConsumeLoop implements AsyncDisposable {
  readonly #options: ConsumeLoopOptions;
  readonly #loop: AsyncDisposable;
  readonly #backoff = exponentialBackoff(RECONNECT);
  #consumer: Consumer | undefined;
  /** Failures since the last connection: a loss after a good one is the first again. */
  #failures = 0;
  #isAway = false;
  #wasConnected = false;

  constructor(options: ConsumeLoopOptions) {
    this.#options = options;
    this.#loop = startLoop({
      step: (signal) => this.#consume(signal),
      intervalMs: 0,
      backoff: () => this.#backoff(this.#failures),
      clock: options.clock,
      onError: (error) => this.#reportLoss(error),
    });
  }

  /** Tells the transport about a new window; a consumer made later asks for it itself. */
  setPrefetch(count: number): void {
    this.#consumer?.setPrefetch(count).catch((error: unknown) => {
      const message = "the prefetch window could not be changed; the next connection asks again";
      this.#options.log.debug({ error: String(error) }, message);
    });
  }

  /** Stops taking messages; those in hand stay. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closing = this.#loop[Symbol.asyncDispose]();
    await this.#consumer?.[Symbol.asyncDispose]();
    await closing;
  }

  async #consume(signal: AbortSignal): Promise<void> {
    const { broker, queues, prefetch, takes, onBatch, onEnded, onTried, log } = this.#options;
    // Until it has been said that the broker is away. Then patience pays: whoever waits is there when it comes back.
    const limit = this.#isAway ? {} : { timeoutMs: FIRST_WORD_MS };
    const subscription = { queues, prefetch: prefetch(), ...(takes === undefined ? {} : { takes }) };
    const consumer = await broker.consume(subscription, { signal, ...limit });
    this.#consumer = consumer;
    this.#failures = 0;
    const names = { queues: queues.map((queue) => queue.name) };
    if (this.#isAway && this.#wasConnected) log.info(names, "the broker is back; consuming again");
    else if (this.#isAway) log.info(names, "the broker is there; consuming");
    this.#wasConnected = true;
    this.#isAway = false;
    onTried?.();
    try {
      if (signal.aborted) return;
      for await (const batch of consumer) onBatch(batch);
    } finally {
      this.#consumer = undefined;
      onEnded?.(); // before the next one asks for a window
      await consumer[Symbol.asyncDispose]();
    }
    // An end nobody asked for is a loss: taken for a success, it would be consumed again without a pause.
    if (!signal.aborted) throw new BrokerError("the consumer ended", { code: "BROKER_UNAVAILABLE", retryable: true });
  }

  #reportLoss(error: unknown): void {
    const { log, onTried } = this.#options;
    const fields = { error: error instanceof Error ? error.message : String(error) };
    this.#failures += 1;
    if (this.#isAway) log.debug(fields, "the broker is still away");
    else if (this.#wasConnected) log.warn(fields, "lost the broker; reconnecting until it is back");
    else log.warn(fields, "the broker is away; connecting until it is there");
    this.#isAway = true;
    onTried?.();
  }
}
