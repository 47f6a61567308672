import { hostname } from "node:os";
import { type OptionTable, optionChecks } from "@celeriac/core/errors";
import type { AmqpTls } from "../connection/tls-options.js";

const { callback, duration, object, oneOf, text, zeroOrMore } = optionChecks;

/** Which URL is tried next. Celery's `broker_failover_strategy`. */
export type FailoverStrategy = "round-robin" | "shuffle";
/** How the server is told who we are. Celery's `broker_login_method`. */
export type LoginMethod = "PLAIN" | "AMQPLAIN" | "EXTERNAL";

/** Of a connection to RabbitMQ. Names and units are Celery's and kombu's in camelCase. */
export interface AmqpConnectionOptions {
  /** Default `round-robin`: in the order given, from the one in use on. */
  readonly failoverStrategy?: FailoverStrategy;
  /** `EXTERNAL`: the TLS certificate says who we are. Default `PLAIN`. */
  readonly loginMethod?: LoginMethod;
  /** Seconds; the server may want less. 0 turns heartbeats off. Default 60. */
  readonly heartbeat?: number;
  /** Seconds until a server that does not answer counts as away. Default 4. */
  readonly connectTimeout?: number;
  /** Encrypt even if the scheme does not say so. `amqps://` implies `{}`: verified. */
  readonly tls?: AmqpTls;
  /** Shown by the management page. Default `celeriac:{pid}@{host}`. */
  readonly clientName?: string;
  /** Hears of unsafe choices and of a server that blocks publishers. Default `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
}

/** How those are checked: by `checkConnectionOptions`. */
export const CONNECTION_OPTIONS: OptionTable = {
  failoverStrategy: oneOf("round-robin", "shuffle"),
  loginMethod: oneOf("PLAIN", "AMQPLAIN", "EXTERNAL"),
  heartbeat: zeroOrMore,
  connectTimeout: duration,
  tls: object,
  clientName: text,
  onWarning: callback,
};

/** Options with defaults applied, durations in milliseconds. */
export interface AmqpConnectionSettings {
  readonly failoverStrategy: FailoverStrategy;
  readonly loginMethod: LoginMethod;
  readonly heartbeatMs: number;
  readonly connectTimeoutMs: number;
  readonly tls: AmqpTls | undefined;
  readonly clientName: string;
  readonly onWarning: (message: string) => void;
}

/** @param options - Checked already. */
export function connectionDefaults(options: AmqpConnectionOptions): AmqpConnectionSettings {
  return {
    failoverStrategy: options.failoverStrategy ?? "round-robin",
    loginMethod: options.loginMethod ?? "PLAIN",
    heartbeatMs: (options.heartbeat ?? 60) * 1000,
    connectTimeoutMs: (options.connectTimeout ?? 4) * 1000,
    tls: options.tls,
    clientName: options.clientName ?? `celeriac:${process.pid}@${hostname()}`,
    onWarning: options.onWarning ?? ((message: string) => process.emitWarning(message)),
  };
}
