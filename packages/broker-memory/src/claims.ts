import { BrokerError, type DecodeError } from "@celeriac/core/errors";
import type { Delivery } from "@celeriac/core/ports";
import { decodeEnvelope, type Envelope } from "@celeriac/core/protocol";
import type { MemoryStore } from "./memory-store.js";
import type { StoredMessage } from "./waiting-queue.js";

interface Claim {
  readonly queue: string;
  readonly message: StoredMessage;
  readonly onSettled: () => void;
}

/** The messages in the hands of one broker, by delivery tag. A tag that is not here is no lease any more. */
export class Claims {
  readonly #store: MemoryStore;
  readonly #claims = new Map<string, Claim>();
  #count = 0;

  constructor(store: MemoryStore) {
    this.#store = store;
  }

  /** Takes a message that has just left its queue into our hands. `onSettled` hears when it leaves them. */
  add(queue: string, message: StoredMessage, onSettled: () => void): Delivery {
    const deliveryTag = this.#nextTag();
    this.#claims.set(deliveryTag, { queue, message, onSettled });
    return this.#delivery(deliveryTag, queue, message);
  }

  /** A delivery that counts as settled from the start. */
  addSettled(queue: string, message: StoredMessage): Delivery {
    return settledDelivery(this.#delivery(this.#nextTag(), queue, message));
  }

  /** Ends a claim; the caller says what becomes of the message. @throws BrokerError `LEASE_LOST` */
  settle(deliveryTag: string): { readonly queue: string; readonly message: StoredMessage } {
    const claim = this.#claims.get(deliveryTag);
    if (claim === undefined) {
      throw new BrokerError(`Delivery ${deliveryTag} is not ours any more: it was settled, or its broker was closed.`, {
        code: "LEASE_LOST",
      });
    }
    this.#claims.delete(deliveryTag);
    claim.onSettled();
    return claim;
  }

  /** Puts everything back where it came from, oldest claim in front. */
  restoreAll(): void {
    for (const tag of [...this.#claims.keys()].reverse()) this.#restore(tag);
  }

  #nextTag(): string {
    this.#count += 1;
    return String(this.#count);
  }

  #restore(deliveryTag: string): void {
    const { queue, message } = this.settle(deliveryTag);
    this.#store.putBack(queue, { ...message, redelivered: true });
  }

  #delivery(deliveryTag: string, queue: string, message: StoredMessage): Delivery {
    const envelope = readEnvelope(message.raw);
    const base = {
      deliveryTag,
      queue,
      redelivered: message.redelivered || ("message" in envelope && envelope.redelivered),
      raw: () => bytesOf(message.raw),
      ack: async () => void this.settle(deliveryTag),
      reject: async ({ requeue }: { readonly requeue: boolean }) => {
        this.settle(deliveryTag);
        if (requeue) this.#store.put(queue, { ...message, redelivered: true });
      },
      restore: async () => this.#restore(deliveryTag),
    };
    if ("malformed" in envelope) return { ...base, malformed: envelope.malformed };
    const { exchange, routingKey } = envelope;
    return { ...base, message: envelope.message, exchange, routingKey: routingKey === "" ? queue : routingKey };
  }
}

function readEnvelope(raw: string | Uint8Array): Envelope | { readonly malformed: DecodeError } {
  try {
    return decodeEnvelope(raw);
  } catch (error) {
    return { malformed: error as DecodeError }; // all that decodeEnvelope throws
  }
}

function bytesOf(raw: string | Uint8Array): Uint8Array {
  return typeof raw === "string" ? new TextEncoder().encode(raw) : raw.slice();
}

function settledDelivery(delivery: Delivery): Delivery {
  const nothing = async (): Promise<void> => undefined;
  return { ...delivery, ack: nothing, reject: nothing, restore: nothing };
}
