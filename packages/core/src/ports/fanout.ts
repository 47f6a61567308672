import type { Message } from "../protocol/message.js";
import type { CallOptions } from "./call-options.js";
import type { Queue } from "./queue.js";

/**
 * Copies of a message to everybody who listens now: remote control and events. Nothing is stored for the absent.
 * @see PROTOCOL 5.4; kombu fanout exchanges.
 */
export interface Fanout {
  broadcast(message: Message, exchange: string, routingKey: string, options?: CallOptions): Promise<void>;
  /**
   * Listens on the exchange of `queue` (binding key from its routing key; `#` and `*` as in topic exchanges). Resolves
   * once the broker has the subscription. Undecodable messages are dropped. Reconnects by itself.
   */
  listen(queue: Queue, onMessage: (message: Message, routingKey: string) => void): Promise<AsyncDisposable>;
}
