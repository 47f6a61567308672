import type { DecodeError } from "../errors/index.js";
import type { Message } from "../protocol/message.js";

interface DeliveryBase {
  /** Unique among everything this worker holds; a new one for every claim, so a stale owner cannot settle a newer one. */
  readonly deliveryTag: string;
  /** The queue it was taken from. */
  readonly queue: string;
  /** Whether it was delivered before, as far as the transport knows. */
  readonly redelivered: boolean;
  /**
   * The message is not at the broker any more, because `Subscription.takes` said so: it is acknowledged, `ack` has nothing
   * to do, and nothing brings it back but `restore` and `reject` with requeue.
   */
  readonly isTaken?: boolean;
  /** The bytes as the transport had them, for the dead-letter store. */
  raw(): Uint8Array;
  /**
   * Removes the message from the broker; resolves once the broker has confirmed it. Adapters coalesce the acks of one
   * tick into one write.
   * @throws BrokerError `LEASE_LOST` when the broker no longer knows this claim: another worker may be running it.
   */
  ack(): Promise<void>;
  /** Drops the message (`requeue: false`) or puts it back behind the waiting ones. Throws like `ack`. */
  reject(options: { readonly requeue: boolean }): Promise<void>;
  /**
   * Gives back a message that was never started, in front of the waiting ones, flagged as redelivered (kombu's restore
   * on shutdown). Throws like `ack`.
   */
  restore(): Promise<void>;
}

/** A claimed message that could be read. */
export interface ReadableDelivery extends DeliveryBase {
  readonly message: Message;
  readonly malformed?: undefined;
}

/** A claimed message whose envelope could not be read; it waits for its dead-letter record. */
export interface MalformedDelivery extends DeliveryBase {
  readonly message?: undefined;
  readonly malformed: DecodeError;
}

/** One message in our hands, not yet settled. Settle it exactly once: ack, reject, restore or park. */
export type Delivery = ReadableDelivery | MalformedDelivery;
