export type { BrokenBackend } from "./broken-backend.js";
export { brokenBackends } from "./broken-backends.js";
export type { BrokenBroker } from "./broken-broker.js";
export { brokenBrokers } from "./broken-brokers.js";
export { backendFaults, brokerFaults } from "./fault-cases.js";
