import type { Message } from "../protocol/message.js";
import type { CallOptions } from "./call-options.js";
import type { DeadLetterStore } from "./dead-letter-store.js";
import type { Delivery, ReadableDelivery } from "./delivery.js";
import type { Fanout } from "./fanout.js";
import type { OncePublisher } from "./once-publisher.js";
import type { Parking } from "./parking.js";
import type { Queue, Route } from "./queue.js";
import type { QueueAdmin } from "./queue-admin.js";

/** What to consume, and how many messages may be in our hands at once. */
export interface Subscription {
  readonly queues: readonly Queue[];
  /** Unsettled deliveries allowed at once: `Infinity` is no limit, 0 takes nothing until `setPrefetch` allows more. */
  readonly prefetch: number;
  /** Deliveries count as settled on arrival (replies, control). Default false. */
  readonly noAck?: boolean;
  /**
   * Whether a message would be acknowledged the moment it is handed out. A transport may ask about the next message of a
   * queue while the receiver waits and nothing else is claimed; if the answer is true, it may remove the message for good
   * in the step that hands it out, and yields this very delivery, with `isTaken`. It may also claim it as usual.
   * Until it is yielded the delivery must not be settled. Must not throw.
   */
  readonly takes?: (delivery: ReadableDelivery) => boolean;
}

/**
 * Yields deliveries in the batches in which the transport claimed them: one await per batch, not per message.
 * Iteration throws a retryable `BrokerError` when the connection is lost: the caller backs off and consumes again;
 * deliveries in hand stay valid where the transport allows it. Disposing ends the iteration without an error; deliveries
 * already yielded stay the caller's to settle, those claimed but not yet yielded are restored.
 */
export interface Consumer extends AsyncIterable<readonly Delivery[]>, AsyncDisposable {
  /** Changes the window of unsettled deliveries: `Infinity` is no limit, 0 takes nothing. */
  setPrefetch(count: number): Promise<void>;
}

/**
 * A message transport. Creating one does no I/O; the first call connects.
 * The optional abilities are objects: present or absent, never half there.
 */
export interface Broker extends AsyncDisposable {
  /** For logs and `inspect stats`: transport name and address without credentials. */
  readonly description: BrokerDescription;
  /**
   * Resolves once the broker has stored the message.
   * @throws BrokerError `PUBLISH_TIMEOUT`, `BROKER_UNAVAILABLE`, `BROKER_REFUSED`, `BROKER_AUTH`, `UNROUTABLE`.
   */
  publish(message: Message, route: Route, options?: CallOptions): Promise<void>;
  /** Publishes in one round trip where the transport can; the result has one entry per message, in order. */
  publishMany(
    messages: readonly (readonly [Message, Route])[],
    options?: CallOptions,
  ): Promise<readonly PromiseSettledResult<void>[]>;
  /** Declares the queues and starts taking messages. @throws BrokerError like `publish`. */
  consume(subscription: Subscription, options?: CallOptions): Promise<Consumer>;
  readonly queues: QueueAdmin;
  readonly deadLetters: DeadLetterStore;
  readonly fanout?: Fanout;
  readonly parking?: Parking;
  readonly once?: OncePublisher;
}

export interface BrokerDescription {
  /** `redis`, `filesystem`, `memory`. */
  readonly transport: string;
  readonly hostname: string;
  readonly port?: number;
  readonly virtualHost: string;
  readonly userId?: string;
}
