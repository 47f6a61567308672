export type { AppSource } from "./ipc.js";
export type { PreforkOptions } from "./prefork-pool.js";
export { prefork } from "./prefork-pool.js";
