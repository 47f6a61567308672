import type { Clock, OncePublisher, Route } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import type { MemoryStore } from "./memory-store.js";
import type { OpenGate } from "./open-gate.js";

/** How long a key is remembered, as on Redis. */
const ONE_DAY_MS = 86_400_000;

/**
 * Publishes what was not published under its key within a day.
 * @param publish - As the broker publishes anything else. Throws when it does not; then the key stays free.
 */
export function memoryOnce(
  store: MemoryStore,
  gate: OpenGate,
  clock: Clock,
  publish: (message: Message, route: Route) => void,
): OncePublisher {
  return {
    async publish(message, route, key, options) {
      gate.pass(options);
      const nowMs = clock.now();
      forgetOld(store.published, nowMs - ONE_DAY_MS);
      if (store.published.has(key)) return false;
      publish(message, route);
      store.published.set(key, nowMs);
      return true;
    },
  };
}

/** Keys are in the order of their times. */
function forgetOld(published: Map<string, number>, beforeMs: number): void {
  for (const [key, atMs] of published) {
    if (atMs >= beforeMs) return;
    published.delete(key);
  }
}
