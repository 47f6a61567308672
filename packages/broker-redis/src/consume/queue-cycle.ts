import type { QueueOrderStrategy } from "../broker-settings.js";

/** In which order queues are asked. `@see` kombu `utils/scheduling.py`. */
export interface QueueCycle {
  order(): readonly string[];
  /** Tells that a queue gave messages. */
  served(queue: string): void;
  /** Whether the queues of one claim share it, rather than the first taking all. */
  readonly fair: boolean;
}

export function createQueueCycle(strategy: QueueOrderStrategy, names: readonly string[]): QueueCycle {
  let order = strategy === "sorted" ? [...names].sort() : [...names];
  const rotates = strategy === "round_robin" && names.length > 1;
  return {
    fair: rotates,
    order: () => order,
    served: (queue) => {
      if (rotates) order = [...order.filter((name) => name !== queue), queue];
    },
  };
}
