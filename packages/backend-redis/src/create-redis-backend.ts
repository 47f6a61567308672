import type { AdapterContext, BackendFactory, ResultBackend } from "@celeriac/core/ports";
import { REDIS_SCHEMES, redisServer } from "@celeriac/redis-connection";
import type { Redis } from "ioredis";
import type { RedisBackendOptions } from "./backend-settings.js";
import { parseBackendOptions, readBackendOptions } from "./backend-settings.js";
import { RedisBackend } from "./redis-backend.js";

/** `redisBackend(...)`, which is also the factory that claims the `redis://` schemes. */
export interface RedisBackendFunction extends BackendFactory {
  /**
   * A result backend on Redis. No I/O before the first call.
   * @param source - URL (default `redis://127.0.0.1:6379/0`), or an ioredis client that stays the caller's to close.
   * @throws ConfigError for a bad URL or bad options, all problems at once.
   */
  (source?: string | Redis, options?: RedisBackendOptions): ResultBackend;
}

function create(source?: string | Redis, options: RedisBackendOptions = {}): ResultBackend {
  const settings = parseBackendOptions(options);
  return new RedisBackend(redisServer("backend", source, options), settings);
}

function fromUrl(url: string, context: AdapterContext): ResultBackend {
  return create(url, readBackendOptions(context));
}

/** @see RedisBackendFunction */
export const redisBackend: RedisBackendFunction = /* @__PURE__ */ Object.assign(create, {
  role: "backend" as const,
  schemes: REDIS_SCHEMES,
  fromUrl,
});
