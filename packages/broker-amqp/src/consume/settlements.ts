/**
 * The open deliveries of one channel, and how they end.
 *
 * Invariants: (1) a tag is settled once. (2) A settlement resolves when the server has answered a request that was sent
 * behind it, so that it is known to have arrived. (3) When the channel ends, everything open on it is lost at once, and its
 * tags are never used again.
 * @module
 */
import { BrokerError } from "@celeriac/core/errors";
import { type BatchItem, createTickBatch } from "@celeriac/core/lifecycle";
import type { Channel, Message } from "amqplib";
import type { HeldClaim } from "./held-claim.js";
import { planAcks } from "./plan-acks.js";

/**
 * `requeue`: the message failed here; `return`: it was never started. Both go back to the queue, but from RabbitMQ 4.3 on only
 * the first counts as a failed delivery, which has a limit.
 */
export type Settlement = "ack" | "drop" | "requeue" | "return";

interface Settling {
  readonly tag: number;
  readonly how: Settlement;
}

type Item = BatchItem<Settling, void>;

export interface SettlementsOptions {
  readonly channel: Channel;
  /** Sends a request whose answer means that everything before it has arrived. */
  readonly barrier: () => Promise<unknown>;
  /** Hears of every tag that is no longer open. */
  readonly onSettled: (tag: number) => void;
  /** Hears of everything that somebody held when the channel ended. */
  readonly onLost?: (holders: readonly HeldClaim[]) => void;
}

export class Settlements {
  readonly #options: SettlementsOptions;
  /** In the order of delivery, which is the order of the tags; with who holds it, once somebody does. */
  readonly #open = new Map<number, HeldClaim | undefined>();
  /** Those of them that are being settled, but not written yet: an ack of many must still go around them. */
  readonly #settling = new Set<number>();
  readonly #enqueue: (settling: Settling) => Promise<void>;
  #lost: string | undefined;

  constructor(options: SettlementsOptions) {
    this.#options = options;
    this.#enqueue = createTickBatch((items) => this.#flush(items));
  }

  /** Deliveries that are not settled. */
  get size(): number {
    return this.#open.size;
  }

  opened(tag: number): void {
    this.#open.set(tag, undefined);
  }

  /** Somebody has the delivery now, and is told when it is lost. */
  hold(tag: number, holder: HeldClaim): void {
    if (this.#open.has(tag)) this.#open.set(tag, holder);
  }

  /** The channel has ended: what was open on it is somebody's again. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  isOpen(tag: number): boolean {
    return this.#open.has(tag) && !this.#settling.has(tag);
  }

  /** @throws BrokerError `LEASE_LOST` when it is settled already, or its channel has ended. */
  settle(tag: number, how: Settlement): Promise<void> {
    if (!this.isOpen(tag)) return Promise.reject(leaseLost(this.#lost ?? "it was settled before"));
    this.#settling.add(tag);
    return this.#enqueue({ tag, how });
  }

  /** The channel has ended: the server gives everything open to somebody again. */
  lose(reason: string): void {
    this.#lost ??= reason;
    const holders = [...this.#open.values()].filter((holder) => holder !== undefined);
    this.#open.clear();
    this.#settling.clear();
    this.#options.onLost?.(holders);
  }

  async #flush(items: readonly Item[]): Promise<void> {
    try {
      this.#write(items);
      await this.#options.barrier();
    } catch {
      throw leaseLost(this.#lost ?? "its channel was closed before the server had taken note");
    }
    for (const { value, resolve } of items) {
      resolve();
      this.#options.onSettled(value.tag);
    }
  }

  /** What is given back goes first: an ack of many must not find it open. */
  #write(items: readonly Item[]): void {
    const { channel } = this.#options;
    if (this.#lost !== undefined) throw leaseLost(this.#lost);
    for (const { value } of items) {
      this.#open.delete(value.tag);
      this.#settling.delete(value.tag);
    }
    const acked: number[] = [];
    for (const { value } of items) {
      if (value.how === "ack") acked.push(value.tag);
      else if (value.how === "return") channel.nack(messageOf(value.tag), false, true);
      else channel.reject(messageOf(value.tag), value.how === "requeue");
    }
    const [oldestOpen] = this.#open.keys();
    for (const { tag, multiple } of planAcks(acked, oldestOpen)) channel.ack(messageOf(tag), multiple);
  }
}

/** amqplib takes the tag out of a whole message. */
function messageOf(deliveryTag: number): Message {
  const fields = { deliveryTag, redelivered: false, exchange: "", routingKey: "" };
  return { fields } as Message; // nothing else of it is read
}

/** The error of a settlement that came too late. */
export function leaseLost(reason: string): BrokerError {
  return new BrokerError(
    `The delivery is not ours to settle: ${reason}. If it was not settled, RabbitMQ gives the message to somebody again.`,
    { code: "LEASE_LOST" },
  );
}
