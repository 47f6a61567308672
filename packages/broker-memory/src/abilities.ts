import type { Clock, DeadLetterStore, Fanout, Parking, QueueAdmin } from "@celeriac/core/ports";
import { decodeEnvelope, encodeEnvelope } from "@celeriac/core/protocol";
import type { Claims } from "./claims.js";
import type { MemoryStore, StoreListener } from "./memory-store.js";
import type { OpenGate } from "./open-gate.js";

/** Looking after queues. */
export function memoryQueueAdmin(store: MemoryStore, gate: OpenGate): QueueAdmin {
  return {
    async declare(queue, options) {
      gate.pass(options);
      store.declare(queue);
    },
    async length(queue, options) {
      gate.pass(options);
      return store.length(queue);
    },
    async purge(queue, options) {
      gate.pass(options);
      return store.queue(queue).clear();
    },
    async delete(queue, options) {
      gate.pass(options);
      store.delete(queue);
    },
  };
}

/** Records are as long-lived as the store. */
export function memoryDeadLetters(store: MemoryStore, gate: OpenGate): DeadLetterStore {
  const { deadLetters } = store;
  return {
    async add(record, options) {
      gate.pass(options);
      deadLetters.set(record.id, { ...record });
    },
    async list(options) {
      gate.pass(options);
      const newestFirst = [...deadLetters.values()].reverse().sort((a, b) => b.at - a.at);
      return newestFirst.slice(0, options?.limit ?? 100);
    },
    async count(options) {
      gate.pass(options);
      return deadLetters.size;
    },
    async remove(id, options) {
      gate.pass(options);
      return deadLetters.delete(id);
    },
  };
}

/** Far ETAs. "Broker time" is the broker's clock. */
export function memoryParking(store: MemoryStore, claims: Claims, gate: OpenGate, clock: Clock): Parking {
  return {
    async park(delivery, dueAtMs) {
      gate.pass(undefined);
      const { queue, message } = claims.settle(delivery.deliveryTag);
      store.parked = [...store.parked, { dueAtMs, queue, message }];
    },
    async promoteDue(options) {
      gate.pass(options);
      const nowMs = clock.now();
      const due = store.parked.filter((parked) => parked.dueAtMs <= nowMs);
      if (due.length === 0) return 0;
      store.parked = store.parked.filter((parked) => parked.dueAtMs > nowMs);
      const latestFirst = [...due].sort((a, b) => a.dueAtMs - b.dueAtMs).reverse();
      for (const { queue, message } of latestFirst) store.putBack(queue, message);
      return due.length;
    },
    async count(options) {
      gate.pass(options);
      return store.parked.length;
    },
  };
}

/** Broadcasts reach listeners after the broadcasting call has returned, as over a network. */
export function memoryFanout(
  store: MemoryStore,
  gate: OpenGate,
  onListening: (listener: StoreListener) => void,
): Fanout {
  return {
    async broadcast(message, exchange, routingKey, options) {
      gate.pass(options);
      store.broadcast(exchange, routingKey, encodeEnvelope(message, { exchange, routingKey, deliveryTag: "" }));
    },
    async listen(queue, onMessage) {
      gate.pass(undefined);
      let stopped = false;
      const listener: StoreListener = {
        exchange: queue.exchange.name,
        // Celery's event exchange is of type topic on some transports and fanout on others; its keys filter on all.
        type: queue.exchange.type === "direct" ? "direct" : "fanout",
        routingKey: queue.routingKey,
        onBroadcast: (raw, routingKey) => {
          queueMicrotask(() => {
            if (stopped || gate.closed) return;
            try {
              onMessage(decodeEnvelope(raw).message, routingKey);
            } catch {
              // A hearer's own fault: it must not end the process, and the port has nobody to tell.
            }
          });
        },
      };
      store.listen(listener);
      onListening(listener);
      return {
        async [Symbol.asyncDispose](): Promise<void> {
          stopped = true;
          store.unlisten(listener);
        },
      };
    },
  };
}
