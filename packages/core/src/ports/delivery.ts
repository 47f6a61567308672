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
  /**
   * The claim may have ended without us: the message is, or may be, somebody else's. It can change back, when the transport
   * gets the claim again. What has not started by then must not start: `restore` gives it up, whoever has it, and
   * rejects with `LEASE_LOST` when there was nothing left to give back. Absent: such a thing does not happen.
   */
  readonly isLost?: boolean;
  /**
   * How often the message was handed out before without being settled for good, by anybody, as far as the transport counts.
   * A floor, as what was handed out and never started may count as well. Absent: it does not count, or never was.
   */
  readonly deliveryCount?: number;
  /** Where the message was published, as the transport reports it. Absent: straight to its queue. */
  readonly exchange?: string;
  /** With which routing key. Absent: the name of its queue. */
  readonly routingKey?: string;
  /** The bytes as the transport had them, for the dead-letter store. */
  raw(): Uint8Array;
  /**
   * Removes the message from the broker; resolves once the broker has confirmed it. Adapters coalesce the acks of one
   * tick into one write.
   * After a failure that left it in doubt it may be asked again; it resolves if the first one is known to have got through.
   * @throws BrokerError `LEASE_LOST` when the broker no longer knows this claim: another worker may be running it.
   */
  ack(): Promise<void>;
  /**
   * Drops the message (`requeue: false`) or puts it back behind the waiting ones. `counts: false`: the task itself asked for
   * it to come again, so this delivery should not count in `deliveryCount` where that can be had. Throws like `ack`.
   */
  reject(options: { readonly requeue: boolean; readonly counts?: boolean }): Promise<void>;
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
