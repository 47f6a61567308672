import { ConfigError } from "@celeriac/core/errors";
import { Redis } from "ioredis";
import { clientOptions, STRICT_CLIENT } from "./client-options.js";
import type { RedisConnectionOptions } from "./connection-options.js";
import { openRedis } from "./open-redis.js";
import type { RedisSubscriber } from "./open-subscriber.js";
import { openSubscriber } from "./open-subscriber.js";
import type { RedisConnection } from "./redis-connection.js";
import type { RedisRole } from "./redis-failure.js";
import type { RedisAddress, RedisTarget } from "./redis-target.js";
import { addressOf, placeOf } from "./redis-target.js";
import { parseRedisUrl } from "./redis-url.js";

/** One Redis database that can be connected to as often as needed. We close only what we opened. */
export interface RedisServer {
  readonly address: RedisAddress;
  /** What another thread needs to connect by itself; absent for a client whose options cannot be copied. */
  readonly target?: RedisTarget;
  /** For short commands: the caller's own client when there is one. */
  openCommands(): RedisConnection;
  /** For commands that wait at the server for up to `blockMs`. */
  openBlocking(blockMs: number): RedisConnection;
  openSubscriber(): RedisSubscriber;
}

const HEALTH_CHECK_MS = 25_000;
const SOCKET_TIMEOUT_MS = 15_000;

/**
 * Names a server by URL, by parsed target or by a client the caller owns. No I/O.
 * @throws ConfigError for a bad URL, or a client with a `keyPrefix` (it would not reach keys made inside scripts).
 */
export function redisServer(
  role: RedisRole,
  source: string | RedisTarget | Redis | undefined,
  options: RedisConnectionOptions = {},
): RedisServer {
  if (isClient(source)) return serverOfClient(role, source);
  const target = typeof source === "object" ? source : parseRedisUrl(source, options);
  if (target.tls?.verify === false) {
    const warn = options.onWarning ?? ((message: string) => process.emitWarning(message));
    warn(
      `TLS to ${addressOf(target).hostname} is not verified (ssl_cert_reqs=CERT_NONE): anybody in between can read and change tasks.`,
    );
  }
  return serverOfTarget(role, target);
}

function serverOfTarget(role: RedisRole, target: RedisTarget): RedisServer {
  const address = addressOf(target);
  const place = placeOf(address) + (target.tls === undefined ? "" : " over TLS");
  const options = { role, place, borrowed: false, healthCheckIntervalMs: target.healthCheckIntervalMs };
  return {
    address,
    target,
    openCommands: () => openRedis(() => new Redis(clientOptions(target)), options),
    openBlocking: (blockMs) =>
      openRedis(() => new Redis({ ...clientOptions(target), socketTimeout: target.socketTimeoutMs + blockMs }), {
        ...options,
        blocking: true,
      }),
    openSubscriber: () => {
      const client = new Redis(clientOptions(target));
      return openSubscriber(
        client,
        openRedis(() => client, options),
      );
    },
  };
}

function serverOfClient(role: RedisRole, client: Redis): RedisServer {
  const { keyPrefix } = client.options;
  if (keyPrefix !== undefined && keyPrefix !== "") {
    throw new ConfigError([
      { key: "client", message: `has keyPrefix "${String(keyPrefix)}". Remove it and set globalKeyprefix instead.` },
    ]);
  }
  const address = {
    hostname: client.options.path ?? client.options.host ?? "localhost",
    port: client.options.port ?? 6379,
    db: client.options.db ?? 0,
  };
  const place = client.options.path ?? placeOf(address);
  const options = { role, place, borrowed: false, healthCheckIntervalMs: HEALTH_CHECK_MS };
  const duplicate = (socketTimeout: number): Redis =>
    client.duplicate({ ...STRICT_CLIENT, enableAutoPipelining: false, socketTimeout });
  const target = targetOfClient(client);
  return {
    address,
    ...(target === undefined ? {} : { target }),
    openCommands: () => openRedis(() => client, { ...options, borrowed: true }),
    openBlocking: (blockMs) => openRedis(() => duplicate(SOCKET_TIMEOUT_MS + blockMs), { ...options, blocking: true }),
    openSubscriber: () => {
      const own = duplicate(SOCKET_TIMEOUT_MS);
      return openSubscriber(
        own,
        openRedis(() => own, options),
      );
    },
  };
}

/** Only the simple cases: TLS contexts, custom connectors and NAT maps cannot be copied to a thread. */
function targetOfClient(client: Redis): RedisTarget | undefined {
  const { host, port, path, db, username, password, tls, sentinels, Connector } = client.options;
  if (tls !== undefined || (sentinels !== undefined && sentinels !== null) || Connector !== undefined) return undefined;
  return {
    ...(path === undefined ? { at: { host: host ?? "localhost", port: port ?? 6379 } } : { path }),
    db: db ?? 0,
    ...(typeof username === "string" ? { username } : {}),
    ...(typeof password === "string" ? { password } : {}),
    connectTimeoutMs: 5000,
    socketTimeoutMs: SOCKET_TIMEOUT_MS,
    healthCheckIntervalMs: HEALTH_CHECK_MS,
  };
}

function isClient(source: string | RedisTarget | Redis | undefined): source is Redis {
  return typeof source === "object" && "duplicate" in source;
}
