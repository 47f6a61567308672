/**
 * Takes messages from queues, on a channel of its own.
 *
 * Invariants: (1) no more than the window is yielded and unsettled, whatever the server has pushed. (2) What was pushed and
 * not yielded is kept, and is the first to be yielded when there is room. It goes back when the consumer is disposed; where
 * a closed or narrow window has no room for it for a while, it goes back once, as `plan-returns.ts` says. (3) What was yielded
 * can be settled for as long as its channel lives, which a disposed consumer waits for.
 * @module
 */

import type { AmqpSession } from "@celeriac/amqp-connection";
import type { BrokerError } from "@celeriac/core/errors";
import { createDeferred, type Deferred } from "@celeriac/core/lifecycle";
import type { Consumer, Delivery, Subscription } from "@celeriac/core/ports";
import type { Channel } from "amqplib";
import { createDelivery } from "./amqp-delivery.js";
import { countDeliveries } from "./count-deliveries.js";
import { type DeliverySource, HeldClaim } from "./held-claim.js";
import { Intake } from "./intake.js";
import { planReturns, type Unseen } from "./plan-returns.js";
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

/**
 * A window that is closed while a task runs opens again when it ends, and then takes what is here. Whoever runs for longer
 * does not keep from others what it does not run.
 */
const UNSEEN_PATIENCE_MS = 3000;

export class AmqpConsumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #intake: Intake;
  readonly #noAck: boolean;
  #pushed: DeliverySource[] = [];
  #window: number;
  /** Runs while there is no room for what was pushed, since something was yielded last. */
  #unseenTimer: NodeJS.Timeout | undefined;
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
      onNarrowed: () => this.#watchUnseen(),
      onLost: (holders) => {
        for (const holder of holders) if (holder.isOpen) options.reclaims.add(holder);
      },
      onEnd: (error) => {
        this.#fault = error;
        this.#forgetUnseen();
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
    this.#wake();
    await this.#intake.setWindow(count);
    this.#watchUnseen();
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
    const batch = this.#pushed.splice(0, Math.min(room, this.#pushed.length)).map((source) => {
      const claim = new HeldClaim(source, this.#options.reclaims);
      const delivery = createDelivery(claim, this.#options.channelId);
      this.#options.onDelivery(delivery, claim);
      return delivery;
    });
    this.#forgetUnseen();
    this.#watchUnseen();
    return batch;
  }

  #room(): number {
    if (this.#noAck) return this.#window === 0 ? 0 : this.#pushed.length;
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

  /** While the server pushes, what goes back would come straight back to us, and what there is no room for waits here. */
  #watchUnseen(): void {
    if (this.#unseenTimer !== undefined || this.#unwanted().length === 0) return;
    this.#unseenTimer = setTimeout(() => {
      this.#unseenTimer = undefined;
      const unwanted = new Set(this.#unwanted());
      this.#pushed = this.#pushed.filter((source) => !unwanted.has(source));
      void this.#giveBack([...unwanted]);
    }, UNSEEN_PATIENCE_MS).unref();
  }

  #forgetUnseen(): void {
    clearTimeout(this.#unseenTimer);
    this.#unseenTimer = undefined;
  }

  #unwanted(): readonly DeliverySource[] {
    if (this.#noAck || this.#intake.isConsuming || this.#disposing !== undefined) return [];
    const unseen = this.#pushed.map((source) => ({ source, ...this.#historyOf(source) }));
    return planReturns(unseen, this.#room()).map(({ source }) => source);
  }

  #historyOf({ wire, queue }: DeliverySource): Unseen {
    const known = this.#options.subscription.queues.find(({ name }) => name === queue);
    return {
      deliveryCount: "unreadable" in wire.properties ? undefined : countDeliveries(wire.properties.headers),
      deliveryLimit: known?.arguments?.["x-delivery-limit"],
    };
  }

  async #giveBack(sources: readonly DeliverySource[]): Promise<void> {
    const { settlements } = this.#intake;
    await Promise.allSettled(sources.map(({ wire }) => settlements.settle(wire.fields.deliveryTag, "return")));
  }

  async #dispose(): Promise<void> {
    this.#forgetUnseen();
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
