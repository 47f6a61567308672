/** How TLS is done. Files are read when the connection opens, not before. */
export interface RedisTls {
  /** Check the server's certificate and name. Default true; false is unsafe and is warned about. */
  readonly verify?: boolean;
  /** Check that the certificate is for this host. Default true. */
  readonly checkHostname?: boolean;
  /** PEM text. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Paths of PEM files; used when the text is absent. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Name the certificate must carry, when it is not the host we dial. */
  readonly serverName?: string;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** Sentinels to ask for the current master, and how to log in to them. */
export interface RedisSentinels {
  readonly hosts: readonly RedisHost[];
  readonly masterName: string;
  readonly username?: string;
  readonly password?: string;
  /** Whether the sentinels themselves speak TLS. */
  readonly tls?: boolean;
}

/**
 * Everything needed to reach one Redis database, as plain data: it can be handed to a worker thread. Exactly one of
 * `at` (host and port), `path` (unix socket) and `sentinels` is set. Durations are milliseconds.
 */
export interface RedisTarget {
  readonly at?: RedisHost;
  readonly path?: string;
  readonly sentinels?: RedisSentinels;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: RedisTls;
  readonly connectTimeoutMs: number;
  /** A command that gets no answer for this long means a dead connection: it is dropped and opened again. */
  readonly socketTimeoutMs: number;
  /** An idle connection is asked for a sign of life this often. */
  readonly healthCheckIntervalMs: number;
  readonly clientName?: string;
}

/** Where a connection goes, without anything secret. */
export interface RedisAddress {
  readonly hostname: string;
  readonly port?: number;
  readonly db: number;
  readonly username?: string;
}

/** What may be shown of a target. */
export function addressOf(target: RedisTarget): RedisAddress {
  const first = target.sentinels?.hosts[0];
  const at = target.at ?? first;
  return {
    hostname: target.path ?? at?.host ?? "unknown",
    ...(at === undefined ? {} : { port: at.port }),
    db: target.db,
    ...(target.username === undefined ? {} : { username: target.username }),
  };
}

/** `host:port`, or the path of a socket: for messages. */
export function placeOf({ hostname, port }: RedisAddress): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return port === undefined ? host : `${host}:${port}`;
}
