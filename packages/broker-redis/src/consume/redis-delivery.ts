import type { DecodeError } from "@celeriac/core/errors";
import type { Message } from "@celeriac/core/protocol";
import { countDeliveries } from "../unacked/delivery-count.js";

/** Where a claimed message is known to the server. */
export interface Claimed {
  readonly tag: string;
  /** Number at the end of the tag; how the lease knows the claim. */
  readonly number: number;
  /** The list it was taken from, and goes back to. */
  readonly list: string;
  readonly queue: string;
  readonly bytes: Buffer;
  /** Just before it was asked for; of `sharedNowMs`. */
  readonly claimedMs: number;
}

/** What becomes of a delivery; one per consumer. */
export interface Settlement {
  /** The message leaves the window; called once per delivery. */
  leave(): void;
  /** Whether the claim may have ended without us. */
  isLost(claimed: Claimed): boolean;
  ack(claimed: Claimed): Promise<void>;
  /** `back`: behind the waiting messages; `front`: next to be served. `counts`: as a delivery that came to nothing. */
  giveBack(claimed: Claimed, end: "back" | "front", counts: boolean): Promise<void>;
  park(claimed: Claimed, dueAtMs: number): Promise<void>;
}

interface DeliveryContent<M, E> {
  readonly message: M;
  readonly malformed: E;
  readonly redelivered: boolean;
  /** Where it was published; empty when nobody said so. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly isTaken?: boolean;
}

/** A delivery that could be read (`malformed` undefined) or not (`message` undefined). */
export class RedisDelivery<M extends Message | undefined, E extends DecodeError | undefined> {
  readonly message: M;
  readonly malformed: E;
  readonly redelivered: boolean;
  readonly isTaken: boolean;
  readonly exchange: string;
  readonly routingKey: string;
  readonly #claimed: Claimed;
  readonly #settlement: Settlement;
  #left = false;

  constructor(claimed: Claimed, settlement: Settlement, content: DeliveryContent<M, E>) {
    this.#claimed = claimed;
    this.#settlement = settlement;
    this.message = content.message;
    this.malformed = content.malformed;
    this.redelivered = content.redelivered;
    this.isTaken = content.isTaken === true;
    this.exchange = content.exchange;
    this.routingKey = content.routingKey === "" ? claimed.queue : content.routingKey;
  }

  get deliveryTag(): string {
    return this.#claimed.tag;
  }

  get queue(): string {
    return this.#claimed.queue;
  }

  get isLost(): boolean {
    return this.#settlement.isLost(this.#claimed);
  }

  get deliveryCount(): number {
    return this.redelivered ? countDeliveries(this.#claimed.bytes) : 0;
  }

  raw(): Uint8Array {
    return this.#claimed.bytes;
  }

  ack(): Promise<void> {
    const done = this.#settlement.ack(this.#claimed);
    this.#leave(); // after the ack is on its way: the claim that fills the place must follow it
    return done;
  }

  reject({ requeue, counts = true }: { readonly requeue: boolean; readonly counts?: boolean }): Promise<void> {
    return requeue ? this.#giveBack("back", counts) : this.ack();
  }

  restore(): Promise<void> {
    return this.#giveBack("front", false); // it never started
  }

  /** Keeps the message at the broker until its time. */
  async park(dueAtMs: number): Promise<void> {
    await this.#settlement.park(this.#claimed, dueAtMs).finally(() => this.#leave());
  }

  /** The place is free only once the message is back: what comes next may be this very message. */
  async #giveBack(end: "back" | "front", counts: boolean): Promise<void> {
    await this.#settlement.giveBack(this.#claimed, end, counts).finally(() => this.#leave());
  }

  #leave(): void {
    if (this.#left) return; // settling again after a failure must not widen the window
    this.#left = true;
    this.#settlement.leave();
  }
}

export type AnyRedisDelivery = RedisDelivery<Message, undefined> | RedisDelivery<undefined, DecodeError>;
