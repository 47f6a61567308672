/**
 * Decides whether the next message is taken in one step, and makes a delivery of it.
 * @module
 */
import type { ReadableDelivery, Subscription } from "@celeriac/core/ports";
import type { Envelope } from "@celeriac/core/protocol";
import { decodeEnvelope } from "@celeriac/core/protocol";
import type { QueueCycle } from "../consume/queue-cycle.js";
import type { Claimed, Settlement } from "../consume/redis-delivery.js";
import { RedisDelivery } from "../consume/redis-delivery.js";
import type { KeyLayout } from "../key-layout.js";
import type { TagSource } from "../unacked/tag-source.js";
import type { Take, Takes } from "./takes.js";

export interface TakerOptions {
  readonly takes: Pick<Takes, "isFree" | "nextNumber" | "take" | "putBack" | "park">;
  readonly keys: KeyLayout;
  readonly tags: TagSource;
  readonly cycle: QueueCycle;
  /** Who receives the messages says which of them may be taken. */
  readonly accepts: NonNullable<Subscription["takes"]>;
}

/** A message that was looked at, and that its receiver will start as soon as it is out. */
export interface Candidate {
  readonly take: Take;
  readonly claimed: Claimed;
  readonly delivery: ReadableDelivery & RedisDelivery<ReadableDelivery["message"], undefined>;
}

/** A message that is out, and how many it has left behind in its list. */
export interface Taken {
  readonly candidate: Candidate;
  readonly left: number;
}

export class Taker {
  readonly #options: TakerOptions;
  readonly #settlement: Settlement;

  constructor(options: TakerOptions) {
    const { takes } = options;
    this.#options = options;
    this.#settlement = {
      leave: () => undefined, // it never was in the window
      isLost: () => false,
      ack: () => Promise.resolve(),
      giveBack: (claimed, end) => takes.putBack(claimed, end),
      park: (claimed, dueAtMs) => takes.park(claimed, dueAtMs),
    };
  }

  /** `undefined` when the message has to be claimed like any other. */
  consider(list: string, payload: string): Candidate | undefined {
    const { takes, tags, accepts } = this.#options;
    if (!takes.isFree) return undefined;
    const place = this.#placeOf(list);
    const envelope = readable(payload);
    if (place === undefined || envelope === undefined) return undefined;
    const number = takes.nextNumber();
    const { queue, listsBefore } = place;
    const claimed: Claimed = {
      tag: tags.prefix + number,
      number,
      list,
      queue,
      claimedMs: 0,
      get bytes() {
        return Buffer.from(payload); // only for what does not start after all
      },
    };
    const { message, redelivered, exchange, routingKey } = envelope;
    const content = { message, malformed: undefined, redelivered, exchange, routingKey, isTaken: true };
    const delivery = new RedisDelivery<ReadableDelivery["message"], undefined>(claimed, this.#settlement, content);
    if (!isAccepted(delivery, accepts)) return undefined;
    return { take: { number, list, payload, listsBefore }, claimed, delivery };
  }

  /** `undefined` when it was not there any more, or not next. @throws BrokerError */
  async take(candidate: Candidate): Promise<Taken | undefined> {
    const { takes, cycle } = this.#options;
    const left = await takes.take(candidate.take);
    if (left === undefined) return undefined;
    cycle.served(candidate.claimed.queue);
    return { candidate, left };
  }

  #placeOf(list: string): { readonly queue: string; readonly listsBefore: readonly string[] } | undefined {
    const { keys, cycle } = this.#options;
    const listsBefore: string[] = [];
    for (const step of keys.steps) {
      for (const queue of cycle.order()) {
        const other = keys.list(queue, step);
        if (other === list) return { queue, listsBefore };
        listsBefore.push(other);
      }
    }
    return undefined;
  }
}

function isAccepted(delivery: ReadableDelivery, accepts: TakerOptions["accepts"]): boolean {
  try {
    return accepts(delivery);
  } catch {
    return false; // whoever cannot tell gets it claimed, which is always right
  }
}

function readable(payload: string): Envelope | undefined {
  try {
    return decodeEnvelope(payload);
  } catch {
    return undefined; // claimed, it becomes a malformed delivery
  }
}
