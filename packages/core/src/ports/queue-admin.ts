import type { CallOptions } from "./call-options.js";
import type { Queue } from "./queue.js";

/** Looking after queues from outside a worker. */
export interface QueueAdmin {
  /** Makes the queue and its binding known; idempotent. */
  declare(queue: Queue, options?: CallOptions): Promise<void>;
  /** Waiting messages, all priorities. */
  length(queue: string, options?: CallOptions): Promise<number>;
  /** Removes all waiting messages; resolves with how many there were. Claimed ones stay. */
  purge(queue: string, options?: CallOptions): Promise<number>;
  /** Removes the queue and its binding. */
  delete(queue: Queue, options?: CallOptions): Promise<void>;
}
