/**
 * Takes messages from queues, on a channel of its own.
 *
 * Invariants: (1) no more than the window is yielded and unsettled, whatever the server has pushed. (2) What was pushed and
 * not yielded goes back when the consumer is disposed or the window closes. (3) What was yielded can be settled for as long
 * as its channel lives, which a disposed consumer waits for.
 * @module
 */

import type { AmqpSession } from "@celeriac/amqp-connection";
import type { BrokerError } from "@celeriac/core/errors";
import { createDeferred, type Deferred } from "@celeriac/core/lifecycle";
import type { Consumer, Delivery, Subscription } from "@celeriac/core/ports";
import type { Channel } from "amqplib";
import { createDelivery } from "./amqp-delivery.js";
import { type DeliverySource, HeldClaim } from "./held-claim.js";
import { Intake } from "./intake.js";
import type { Reclaims } from "./reclaims.js";

export interface ConsumerOptions {
  readonly session: AmqpSession;
  readonly channel: Channel;
  readonly subscription: Subscription;
  /** Unique among the channels of this process. */
  readonly channelId: string;
  readonly reclaims: Reclaims;
  /** Remembers what a delivery stands for, for parking. */
  readonly onDelivery: (delivery: Delivery, claim: HeldClaim) => void;
  /** The consumer is disposed and its channel closed. */
  readonly onClosed: () => void;
}

export class AmqpConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #intake: Intake;
  readonly #noAck: boolean;
  #pushed: DeliverySource[] = [];
  #window: number;
  #changed: Deferred<void> = createDeferred<void>();
  #fault: BrokerError | undefined;
  #disposing: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ConsumerOptions) {
    const { session, channel, subscription } = options;
    this.#options = options;
    this.#noAck = subscription.noAck ?? false;
    this.#window = subscription.prefetch;
    this.#intake = new Intake({
      session,
      channel,
      queues: subscription.queues,
      noAck: this.#noAck,
      onMessage: (wire, queue) => {
        const settlements = this.#noAck ? undefined : this.#intake.settlements;
        const source = { wire, queue, settlements };
        if (options.reclaims.adopt(source)) return;
        this.#pushed.push(source);
        this.#wake();
      },
      onRoom: () => this.#onRoom(),
      onNarrowed: () => {
        void this.#giveBack(this.#pushed.splice(this.#room()));
      },
      onLost: (holders) => {
        for (const holder of holders) if (holder.isOpen) options.reclaims.add(holder);
      },
      onEnd: (error) => {
        this.#fault = error;
        if (this.#intake.isGone) this.#pushed = [];
        this.#wake();
        this.#closeIfDone();
      },
    });
  }

  /** Starts consuming. @throws BrokerError */
  async start(): Promise<void> {
    await this.#intake.setWindow(this.#window);
  }

  async setPrefetch(count: number): Promise<void> {
    this.#window = count;
    if (count === 0) await this.#giveBack(this.#pushed.splice(0));
    await this.#intake.setWindow(count);
    if (count === 0) await this.#giveBack(this.#pushed.splice(0)); // what came before the server had heard
    this.#wake();
  }

  [Symbol.asyncIterator](): AsyncIterator<readonly Delivery[]> {
    return { next: () => this.#next() };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose();
    return this.#disposing;
  }

  /** Ends the channel even though deliveries are open: they go back. For a broker that closes. */
  async close(): Promise<void> {
    await this[Symbol.asyncDispose]();
    if (!this.#isClosed) await this.#close();
  }

  async #next(): Promise<IteratorResult<readonly Delivery[]>> {
    for (;;) {
      if (this.#disposing !== undefined) return { done: true, value: undefined };
      const batch = this.#takeBatch();
      if (batch.length > 0) return { done: false, value: batch };
      if (this.#fault !== undefined) throw this.#fault;
      await this.#changed.promise;
    }
  }

  /** Everything there is room for. */
  #takeBatch(): readonly Delivery[] {
    const room = this.#room();
    if (room === 0 || this.#pushed.length === 0) return [];
    return this.#pushed.splice(0, Math.min(room, this.#pushed.length)).map((source) => {
      const claim = new HeldClaim(source, this.#options.reclaims);
      const delivery = createDelivery(claim, this.#options.channelId);
      this.#options.onDelivery(delivery, claim);
      return delivery;
    });
  }

  #room(): number {
    if (this.#noAck) return this.#pushed.length;
    return Math.max(0, this.#window - (this.#intake.unsettled - this.#pushed.length));
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = createDeferred<void>();
  }

  #onRoom(): void {
    if (this.#pushed.length > 0) this.#wake();
    this.#closeIfDone();
  }

  async #giveBack(sources: readonly DeliverySource[]): Promise<void> {
    const { settlements } = this.#intake;
    await Promise.allSettled(sources.map(({ wire }) => settlements.settle(wire.fields.deliveryTag, "requeue")));
  }

  async #dispose(): Promise<void> {
    this.#wake();
    await this.#intake.stop();
    if (!this.#noAck) await this.#giveBack(this.#pushed.splice(0));
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#disposing === undefined || this.#isClosed) return;
    if (this.#intake.unsettled === 0 || this.#intake.isGone) void this.#close();
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    await this.#intake.close();
    this.#options.onClosed();
  }
}
