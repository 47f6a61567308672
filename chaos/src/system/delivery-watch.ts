import type { Delivery, Message, ReadableDelivery } from "@celeriac/core";
import type { Ledger } from "../ledger/ledger.js";

/** Deliveries as the worker sees them, with a line in the ledger for each claim and each ack. */
export class DeliveryWatch {
  readonly #ledger: Ledger;
  readonly #originals = new WeakMap<Delivery, Delivery>();
  readonly #wrapped = new WeakMap<ReadableDelivery, ReadableDelivery>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** What the broker knows it as. */
  originalOf(delivery: Delivery): Delivery {
    return this.#originals.get(delivery) ?? delivery;
  }

  /** The broker is about to hand it out and to forget it in one step. */
  noteTake(delivery: ReadableDelivery): void {
    this.#note("C", delivery, { redelivered: delivery.redelivered });
    this.#note("A", delivery, { phase: "asked" });
  }

  /** It is in the worker's hands. */
  noteArrival(delivery: Delivery): Delivery {
    if (delivery.message === undefined) return delivery;
    if (delivery.isTaken === true) this.#note("A", delivery, { phase: "confirmed" });
    else this.#note("C", delivery, { redelivered: delivery.redelivered });
    return this.wrap(delivery);
  }

  /** The same one gives the same. */
  wrap(delivery: ReadableDelivery): ReadableDelivery {
    const known = this.#wrapped.get(delivery);
    if (known !== undefined) return known;
    const watched: ReadableDelivery = {
      message: delivery.message,
      deliveryTag: delivery.deliveryTag,
      queue: delivery.queue,
      redelivered: delivery.redelivered,
      get isTaken(): boolean {
        return delivery.isTaken === true;
      },
      get isLost(): boolean {
        return delivery.isLost === true;
      },
      get deliveryCount(): number {
        return delivery.deliveryCount ?? 0;
      },
      exchange: delivery.exchange ?? "",
      routingKey: delivery.routingKey ?? delivery.queue,
      raw: () => delivery.raw(),
      ack: () => this.#settle(delivery, "asked", "confirmed", () => delivery.ack()),
      reject: (how) =>
        how.requeue
          ? this.#settle(delivery, "returning", "returned", () => delivery.reject(how))
          : this.#settle(delivery, "asked", "confirmed", () => delivery.reject(how)),
      restore: () => this.#settle(delivery, "returning", "returned", () => delivery.restore()),
    };
    this.#originals.set(watched, delivery);
    this.#wrapped.set(delivery, watched);
    return watched;
  }

  async #settle(delivery: ReadableDelivery, asked: string, done: string, act: () => Promise<void>): Promise<void> {
    this.#note("A", delivery, { phase: asked });
    try {
      await act();
    } catch (error) {
      this.#note("A", delivery, { phase: "refused", error: String(error).slice(0, 300) });
      throw error;
    }
    this.#note("A", delivery, { phase: done });
  }

  #note(kind: "C" | "A", { message, deliveryTag: tag }: ReadableDelivery, extra: Record<string, unknown>): void {
    this.#ledger.write(kind, { ...identify(message), extra: { ...extra, tag } });
  }
}

/** Id and attempt of the task in a message. */
export function identify(message: Message): { readonly id: string; readonly attempt: number } {
  const { id, retries } = message.headers;
  return { id: typeof id === "string" && id !== "" ? id : "-", attempt: typeof retries === "number" ? retries : 0 };
}
