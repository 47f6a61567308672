export { expandNodeName } from "./node-name.js";
export type { Attempt, Ending, Pool, PoolContext } from "./pool/pool.js";
export type { AckPolicy, EndingKind, Settlement } from "./request/ack-policy.js";
export { ackPolicyOf, settlementFor } from "./request/ack-policy.js";
export type { Worker } from "./worker.js";
export { createWorker } from "./worker.js";
export type { WorkerOptions } from "./worker-options.js";
