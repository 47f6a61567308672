import type { DecodeError } from "@celeriac/core/errors";
import type { Message } from "@celeriac/core/protocol";

/** Where a claimed message is known to the server. */
export interface Claimed {
  readonly tag: string;
  /** Number at the end of the tag; how the lease knows the claim. */
  readonly number: number;
  /** The list it was taken from, and goes back to. */
  readonly list: string;
  readonly queue: string;
  readonly bytes: Buffer;
}

/** What becomes of a delivery; one per consumer. */
export interface Settlement {
  ack(claimed: Claimed): Promise<void>;
  /** `back`: behind the waiting messages; `front`: next to be served. */
  giveBack(claimed: Claimed, end: "back" | "front"): Promise<void>;
  park(claimed: Claimed, dueAtMs: number): Promise<void>;
}

/** A delivery that could be read (`malformed` undefined) or not (`message` undefined). */
export class RedisDelivery<M extends Message | undefined, E extends DecodeError | undefined> {
  readonly message: M;
  readonly malformed: E;
  readonly redelivered: boolean;
  readonly #claimed: Claimed;
  readonly #settlement: Settlement;

  constructor(claimed: Claimed, settlement: Settlement, content: { message: M; malformed: E; redelivered: boolean }) {
    this.#claimed = claimed;
    this.#settlement = settlement;
    this.message = content.message;
    this.malformed = content.malformed;
    this.redelivered = content.redelivered;
  }

  get deliveryTag(): string {
    return this.#claimed.tag;
  }

  get queue(): string {
    return this.#claimed.queue;
  }

  raw(): Uint8Array {
    return this.#claimed.bytes;
  }

  ack(): Promise<void> {
    return this.#settlement.ack(this.#claimed);
  }

  reject(options: { readonly requeue: boolean }): Promise<void> {
    return options.requeue ? this.#settlement.giveBack(this.#claimed, "back") : this.#settlement.ack(this.#claimed);
  }

  restore(): Promise<void> {
    return this.#settlement.giveBack(this.#claimed, "front");
  }

  /** Keeps the message at the broker until its time. */
  park(dueAtMs: number): Promise<void> {
    return this.#settlement.park(this.#claimed, dueAtMs);
  }
}

export type AnyRedisDelivery = RedisDelivery<Message, undefined> | RedisDelivery<undefined, DecodeError>;
