import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import type { ConfigIssue } from "@celeriac/core/errors";
import { ConfigError } from "@celeriac/core/errors";
import { exponentialBackoff } from "@celeriac/core/lifecycle";
import type { RedisOptions } from "ioredis";
import { isReadOnly } from "./redis-failure.js";
import type { RedisTarget, RedisTls } from "./redis-target.js";

/** Short cap: after an outage the first task must start within 5 seconds (RELIABILITY G13). */
const RECONNECT = exponentialBackoff({ baseMs: 50, maxMs: 2000 });

/** Options of a client whose replies have the shapes of RESP2, whatever the connection speaks. */
export type LegacyClientOptions = RedisOptions & { replyMapping?: "legacy" };

/**
 * What every client of ours has in common, whoever made it: no command outlives its connection. Nothing is queued
 * while disconnected and nothing is sent a second time, so a caller always learns what happened to its command.
 */
export const STRICT_CLIENT: LegacyClientOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  retryStrategy: RECONNECT,
  sentinelRetryStrategy: RECONNECT,
  // After a failover the old master says READONLY; only a new connection finds the new one.
  reconnectOnError: (error) => (isReadOnly(error) ? 1 : false),
};

/** ioredis options for a target. Reads certificate files. @throws ConfigError when one cannot be read. */
export function clientOptions(target: RedisTarget): LegacyClientOptions {
  return {
    ...STRICT_CLIENT,
    ...placeOptions(target),
    db: target.db,
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls === undefined ? {} : { tls: tlsOptions(target.tls) }),
    ...(target.clientName === undefined ? {} : { connectionName: target.clientName }),
    connectTimeout: target.connectTimeoutMs,
    socketTimeout: target.socketTimeoutMs,
    disableClientInfo: true,
    // The check needs INFO, which a least-privilege user has not; LOADING is an answer we understand. With Sentinel it
    // also tells a demoted master, so there it stays.
    enableReadyCheck: target.sentinels !== undefined,
  };
}

function placeOptions(target: RedisTarget): LegacyClientOptions {
  if (target.path !== undefined) return { path: target.path };
  if (target.sentinels === undefined) return { ...target.at };
  const { hosts, masterName, username, password, tls } = target.sentinels;
  return {
    sentinels: hosts.map((host) => ({ ...host })),
    name: masterName,
    failoverDetector: true,
    ...(username === undefined ? {} : { sentinelUsername: username }),
    ...(password === undefined ? {} : { sentinelPassword: password }),
    ...(tls === true ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(target.tls ?? {}) } : {}),
  };
}

function tlsOptions(tls: RedisTls): ConnectionOptions {
  const issues: ConfigIssue[] = [];
  const pem = (name: "ca" | "cert" | "key", text: string | undefined, path: string | undefined): ConnectionOptions => {
    if (text !== undefined) return { [name]: text };
    if (path === undefined) return {};
    try {
      return { [name]: readFileSync(path, "utf8") };
    } catch (error) {
      issues.push({ key: path, message: `cannot be read as TLS ${name}: ${String(error)}` });
      return {};
    }
  };
  const options: ConnectionOptions = {
    ...pem("ca", tls.ca, tls.caFile),
    ...pem("cert", tls.cert, tls.certFile),
    ...pem("key", tls.key, tls.keyFile),
    rejectUnauthorized: tls.verify !== false,
    ...(tls.checkHostname === false ? { checkServerIdentity: () => undefined } : {}),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
  if (issues.length > 0) throw new ConfigError(issues);
  return options;
}
