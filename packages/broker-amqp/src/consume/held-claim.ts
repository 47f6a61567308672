import type { ConsumeMessage } from "amqplib";
import type { Reclaims } from "./reclaims.js";
import { leaseLost, type Settlement, type Settlements } from "./settlements.js";

/** What a delivery is made of. */
export interface DeliverySource {
  readonly wire: ConsumeMessage;
  readonly queue: string;
  /** Absent for deliveries that are settled on arrival. */
  readonly settlements: Settlements | undefined;
}

/** A message in somebody's hands. Its delivery may change underneath: see `reclaims.ts`. */
export class HeldClaim {
  readonly #reclaims: Reclaims;
  #source: DeliverySource;
  #isSettled = false;

  constructor(source: DeliverySource, reclaims: Reclaims) {
    this.#source = source;
    this.#reclaims = reclaims;
    source.settlements?.hold(source.wire.fields.deliveryTag, this);
  }

  /** The delivery it has now. */
  get source(): DeliverySource {
    return this.#source;
  }

  /** Nobody has settled it. Its channel may have ended all the same. */
  get isOpen(): boolean {
    return !this.#isSettled && this.#source.settlements !== undefined;
  }

  /** Its channel has ended, and the message has not come back to us: somebody else may have it. */
  get isLost(): boolean {
    return this.#source.settlements?.isLost === true;
  }

  /** The message was delivered again, to us. */
  reclaim(source: DeliverySource): void {
    this.#source = source;
    source.settlements?.hold(source.wire.fields.deliveryTag, this);
  }

  /** @throws BrokerError `LEASE_LOST` when it is settled already, or the message went to somebody else. */
  async settle(how: Settlement): Promise<void> {
    if (this.#source.settlements === undefined) return;
    if (this.#isSettled) throw leaseLost("it was settled before");
    this.#isSettled = true;
    for (;;) {
      const { settlements, wire } = this.#source;
      try {
        await settlements?.settle(wire.fields.deliveryTag, how);
        return;
      } catch (error) {
        if (how === "requeue" || how === "return") {
          this.#reclaims.forget(this); // it is in its queue already, and whoever gets it shall have it, we included
          throw error;
        }
        if (!(await this.#reclaims.comesBack(this))) throw error;
      }
    }
  }
}
