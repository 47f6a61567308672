export type { MemoryBackendFactory, MemoryBackendOptions } from "./memory-backend.js";
export { memoryBackend } from "./memory-backend.js";
export { ResultStore } from "./result-store.js";
