import type { CallOptions } from "./call-options.js";
import type { Delivery } from "./delivery.js";

/**
 * Keeps messages whose time is far away at the broker instead of in a worker's memory. Any worker promotes what is due
 * back to its queue, in front; the ETA header is untouched.
 */
export interface Parking {
  /** Moves a claimed delivery to the parking, atomically with its settlement. Throws like `Delivery.ack`. */
  park(delivery: Delivery, dueAtMs: number): Promise<void>;
  /** Puts back everything due by broker time; resolves with how many. Safe to call from many workers at once. */
  promoteDue(options?: CallOptions): Promise<number>;
  /** How many messages are parked. */
  count(options?: CallOptions): Promise<number>;
}
