export type { RedisBackendOptions } from "./backend-settings.js";
export type { RedisBackendFunction } from "./create-redis-backend.js";
export { redisBackend } from "./create-redis-backend.js";
