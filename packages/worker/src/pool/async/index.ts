export type { AsyncPoolOptions } from "./async-pool.js";
export { asyncPool } from "./async-pool.js";
