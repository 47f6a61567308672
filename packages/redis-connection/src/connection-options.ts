import type { OptionTable } from "./option-table.js";
import type { RedisTls } from "./redis-target.js";

/**
 * How to connect, beyond the URL; names and units are Celery's (`broker_transport_options`,
 * `result_backend_transport_options`). What is given here wins over the URL.
 */
export interface RedisConnectionOptions {
  readonly username?: string;
  readonly password?: string;
  /** Encrypt even if the scheme does not say so. `rediss://` implies `{}`: verified. */
  readonly tls?: RedisTls;
  /** Seconds. A command without any answer for this long drops the connection. Default 15. */
  readonly socketTimeout?: number;
  /** Seconds. Default 5. */
  readonly socketConnectTimeout?: number;
  /** Seconds between signs of life on an idle connection. Default 25. */
  readonly healthCheckInterval?: number;
  /** Shown by `CLIENT LIST`. */
  readonly clientName?: string;
  /** Sentinel only, required there: the name of the master to look for. */
  readonly masterName?: string;
  /** Sentinel only: `username`, `password`, `ssl` for the sentinels themselves. */
  readonly sentinelKwargs?: Readonly<Record<string, unknown>>;
  /** Hears of unsafe choices. Default `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
}

/** For `checkOptions`; adapters spread it into their own table. */
export const CONNECTION_OPTIONS: OptionTable = {
  username: "text",
  password: "text",
  tls: "object",
  socketTimeout: "seconds",
  socketConnectTimeout: "seconds",
  healthCheckInterval: "seconds",
  clientName: "text",
  masterName: "text",
  sentinelKwargs: "object",
  onWarning: "function",
  // Settings of redis-py's pool, or of sentinel behaviour that ioredis has of its own.
  maxConnections: "ignored",
  retryOnTimeout: "ignored",
  socketKeepalive: "ignored",
  socketKeepaliveOptions: "ignored",
  minOtherSentinels: "ignored",
  retryPolicy: "ignored",
};
