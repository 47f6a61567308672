import type { Message } from "../protocol/message.js";
import type { CallOptions } from "./call-options.js";
import type { Route } from "./queue.js";

/** A publish that can be repeated after a crash without a second message. */
export interface OncePublisher {
  /**
   * Publishes unless a message was published under this key within the last day; decided atomically with the publish.
   * @returns False when there was one.
   * @throws BrokerError like `Broker.publish`.
   */
  publish(message: Message, route: Route, key: string, options?: CallOptions): Promise<boolean>;
}
