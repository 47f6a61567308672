import type { Broker } from "@celeriac/core/ports";
import type { BrokerFixture } from "@celeriac/testkit";
import { MemoryStore, memoryBroker } from "../src/index.js";

/** A memory broker with a store of its own, as the contract asks for. */
export function createMemoryFixture(): BrokerFixture {
  const store = new MemoryStore();
  const brokers: Broker[] = [];
  const open = (): Broker => {
    const broker = memoryBroker({ store });
    brokers.push(broker);
    return broker;
  };
  return {
    broker: open(),
    createPeer: open,
    putRaw: async (queue, raw) => store.put(queue, { raw, step: 0, redelivered: false }),
    mostUrgentPriority: 0,
    async cleanup() {
      for (const broker of brokers) await broker[Symbol.asyncDispose]();
    },
  };
}
