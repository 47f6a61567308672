export type { QueueOrderStrategy, RedisBrokerOptions } from "./broker-settings.js";
export type { RedisBrokerFunction } from "./create-redis-broker.js";
export { redisBroker } from "./create-redis-broker.js";
