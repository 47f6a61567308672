export type { StreamBackendOptions } from "./stream-backend.js";
export { streamBackend, streamStore } from "./stream-backend.js";
