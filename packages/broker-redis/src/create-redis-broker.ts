import type { AdapterContext, Broker, BrokerFactory } from "@celeriac/core/ports";
import { REDIS_SCHEMES, redisServer } from "@celeriac/redis-connection";
import type { Redis } from "ioredis";
import type { RedisBrokerOptions } from "./broker-settings.js";
import { parseBrokerOptions, readBrokerOptions } from "./broker-settings.js";
import { RedisBroker } from "./redis-broker.js";

/** `redisBroker(...)`, which is also the factory that claims the `redis://` schemes. */
export interface RedisBrokerFunction extends BrokerFactory {
  /**
   * A broker on Redis. No I/O before the first call.
   * @param source - URL (default `redis://127.0.0.1:6379/0`), or an ioredis client that stays the caller's to close.
   * @throws ConfigError for a bad URL or bad options, all problems at once.
   */
  (source?: string | Redis, options?: RedisBrokerOptions): Broker;
}

function create(source?: string | Redis, options: RedisBrokerOptions = {}): Broker {
  const settings = parseBrokerOptions(options);
  const server = redisServer("broker", source, options);
  const onWarning = options.onWarning ?? ((message: string) => process.emitWarning(message));
  return new RedisBroker({ server, settings, onWarning });
}

function fromUrl(url: string, context: AdapterContext): Broker {
  return create(url, readBrokerOptions(context.transportOptions));
}

/** @see RedisBrokerFunction */
export const redisBroker: RedisBrokerFunction = /* @__PURE__ */ Object.assign(create, {
  role: "broker" as const,
  schemes: REDIS_SCHEMES,
  fromUrl,
});
