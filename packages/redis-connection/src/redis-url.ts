/**
 * Reads Celery's Redis URLs. `@see` PROTOCOL 5.7; kombu `transport/redis.py`, Celery `backends/redis.py`.
 * @module
 */
import type { ConfigIssue } from "@celeriac/core/errors";
import { ConfigError } from "@celeriac/core/errors";
import type { RedisConnectionOptions } from "./connection-options.js";
import { maskUrl } from "./mask-url.js";
import type { RedisHost, RedisTarget, RedisTls } from "./redis-target.js";

/** Schemes `parseRedisUrl` reads, without `://`. */
export const REDIS_SCHEMES: readonly string[] = ["redis", "rediss", "redis+socket", "sentinel"];

const DEFAULT_URL = "redis://127.0.0.1:6379/0";
const SHAPES =
  "redis://[user:password@]host[:6379][/db], rediss://…, redis+socket:///path?virtual_host=db or sentinel://host:26379/db;sentinel://…";
const SCHEME_END = /^([a-z+]+):\/\//;
const QUERY_KEYS: readonly string[] = [
  "virtual_host",
  "socket_timeout",
  "socket_connect_timeout",
  "health_check_interval",
  "client_name",
  "ssl_cert_reqs",
  "ssl_check_hostname",
  "ssl_ca_certs",
  "ssl_certfile",
  "ssl_keyfile",
];

/**
 * @param url - Default `redis://127.0.0.1:6379/0`. Credentials are percent-encoded, as in every URL.
 * @throws ConfigError naming each wrong part and its fix; passwords are masked.
 */
export function parseRedisUrl(url: string = DEFAULT_URL, options: RedisConnectionOptions = {}): RedisTarget {
  const issues: ConfigIssue[] = [];
  const fail = (message: string): void => {
    issues.push({ key: maskUrl(url), message });
  };
  const target = readTarget(url, options, fail);
  if (issues.length > 0 || target === undefined) throw new ConfigError(issues);
  return target;
}

function readTarget(
  url: string,
  options: RedisConnectionOptions,
  fail: (message: string) => void,
): RedisTarget | undefined {
  const scheme = SCHEME_END.exec(url)?.[1];
  if (scheme === undefined || !REDIS_SCHEMES.includes(scheme)) {
    fail(`is no Redis URL. Write ${SHAPES}.`);
    return undefined;
  }
  const parts = (scheme === "sentinel" ? url.split(";") : [url]).filter((part) => part !== "").map(readUrl);
  const first = parts[0];
  if (first === undefined || parts.includes(undefined)) {
    fail(`cannot be read as a URL. Write ${SHAPES}; percent-encode special characters in the password.`);
    return undefined;
  }
  const query = first.searchParams;
  for (const key of query.keys()) {
    if (!QUERY_KEYS.includes(key)) fail(`has the unknown parameter "${key}". Known: ${QUERY_KEYS.join(", ")}.`);
  }
  const tls = readTls(scheme, query, options, fail);
  const username = options.username ?? decode(first.username);
  const password = options.password ?? decode(first.password);
  const clientName = options.clientName ?? query.get("client_name");
  return {
    ...readPlace(
      scheme,
      parts.filter((part) => part !== undefined),
      options,
      fail,
    ),
    db: readDb(scheme, first, fail),
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
    connectTimeoutMs: readMs(query, "socket_connect_timeout", options.socketConnectTimeout, 5, fail),
    socketTimeoutMs: readMs(query, "socket_timeout", options.socketTimeout, 15, fail),
    healthCheckIntervalMs: readMs(query, "health_check_interval", options.healthCheckInterval, 25, fail),
    ...(clientName === null ? {} : { clientName }),
  };
}

/** kombu lets the host be left out (`redis://`, `redis://:6379/1`); the URL parser does not. */
const MISSING_HOST = /^((?:redis|rediss|sentinel):\/\/(?:[^@/?#]*@)?)(?=:\d|[/?#]|$)/;

/** A socket has no host; the parser wants one behind credentials. */
const SOCKET_LOGIN = /^(redis\+socket:\/\/[^@/?#]*@)(?=\/)/;
const SOCKET_HOST = "socket.invalid";

function readUrl(text: string): URL | undefined {
  try {
    return new URL(text.trim().replace(MISSING_HOST, "$1127.0.0.1").replace(SOCKET_LOGIN, `$1${SOCKET_HOST}`));
  } catch {
    return undefined;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % that was meant literally
  }
}

function readPlace(
  scheme: string,
  parts: readonly URL[],
  options: RedisConnectionOptions,
  fail: (message: string) => void,
): Pick<RedisTarget, "at" | "path" | "sentinels"> {
  if (scheme === "redis+socket") {
    const { host = "", pathname = "" } = parts[0] ?? {};
    const path = decode((host === SOCKET_HOST ? "" : host) + pathname);
    if (path === "" || path === "/") fail("has no socket path. Write redis+socket:///path/to/redis.sock.");
    return { path: path.startsWith("/") ? path : `/${path}` };
  }
  const hosts = parts.map((part) => hostOf(part, scheme === "sentinel" ? 26379 : 6379));
  if (scheme !== "sentinel") return hosts[0] === undefined ? {} : { at: hosts[0] };
  const { masterName, sentinelKwargs = {} } = options;
  if (masterName === undefined) fail('needs the transport option "master_name": which master the sentinels watch.');
  const { username, password, ssl } = sentinelKwargs;
  return {
    sentinels: {
      hosts,
      masterName: masterName ?? "",
      ...(typeof username === "string" ? { username } : {}),
      ...(typeof password === "string" ? { password } : {}),
      ...(ssl === true ? { tls: true } : {}),
    },
  };
}

function hostOf(url: URL, defaultPort: number): RedisHost {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { host: decode(host), port: url.port === "" ? defaultPort : Number(url.port) };
}

function readDb(scheme: string, url: URL, fail: (message: string) => void): number {
  const fromPath = scheme === "redis+socket" ? "" : url.pathname.replace(/^\/+/, "");
  const text = fromPath === "" ? (url.searchParams.get("virtual_host") ?? "").replace(/^\/+/, "") : fromPath;
  if (text === "") return 0;
  if (!/^\d{1,6}$/.test(text)) fail(`names the database "${text}"; a Redis database is a number, such as /0.`);
  return Number(text);
}

function readMs(
  query: URLSearchParams,
  key: string,
  option: number | undefined,
  defaultSeconds: number,
  fail: (message: string) => void,
): number {
  const text = query.get(key);
  const seconds = option ?? (text === null ? defaultSeconds : Number(text));
  if (!(seconds > 0 && Number.isFinite(seconds))) fail(`has ${key}=${text}; it must be a number of seconds above 0.`);
  return seconds * 1000;
}

function readTls(
  scheme: string,
  query: URLSearchParams,
  options: RedisConnectionOptions,
  fail: (message: string) => void,
): RedisTls | undefined {
  const asked = [...query.keys()].some((key) => key.startsWith("ssl_"));
  if (scheme === "redis" && asked) fail("has ssl_ parameters but does not encrypt. Write rediss://.");
  if (scheme !== "rediss" && options.tls === undefined) return undefined;
  const requirement =
    query
      .get("ssl_cert_reqs")
      ?.replace(/^CERT_/i, "")
      .toLowerCase() ?? "required";
  if (!["required", "optional", "none"].includes(requirement)) {
    fail(`has ssl_cert_reqs=${query.get("ssl_cert_reqs")}; it must be CERT_REQUIRED, CERT_OPTIONAL or CERT_NONE.`);
  }
  const file = (key: string, name: "caFile" | "certFile" | "keyFile"): Partial<RedisTls> => {
    const path = query.get(key);
    return path === null ? {} : { [name]: path };
  };
  return {
    // A client cannot ask for a certificate and then accept a bad one: optional means required here, as it verifies.
    verify: requirement !== "none",
    checkHostname: !/^(false|0|no)$/i.test(query.get("ssl_check_hostname") ?? ""),
    ...file("ssl_ca_certs", "caFile"),
    ...file("ssl_certfile", "certFile"),
    ...file("ssl_keyfile", "keyFile"),
    ...options.tls,
  };
}
