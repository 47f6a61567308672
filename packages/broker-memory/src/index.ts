export type { MemoryBrokerFactory, MemoryBrokerOptions } from "./memory-broker.js";
export { memoryBroker } from "./memory-broker.js";
export { MemoryStore } from "./memory-store.js";
