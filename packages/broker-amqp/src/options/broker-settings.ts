import { hostname } from "node:os";
import type { ConfigIssue } from "@celeriac/core/errors";
import { ConfigError } from "@celeriac/core/errors";
import type { AmqpTls } from "../connection/tls-options.js";
import { callback, checkOptions, duration, type OptionTable, object, oneOf, text, zeroOrMore } from "./option-table.js";

/** Which URL is tried next. Celery's `broker_failover_strategy`. */
export type FailoverStrategy = "round-robin" | "shuffle";
/** How the server is told who we are. Celery's `broker_login_method`. */
export type LoginMethod = "PLAIN" | "AMQPLAIN" | "EXTERNAL";

/** Names and units are Celery's and kombu's in camelCase, unless they end in `Ms`: those are ours. */
export interface AmqpBrokerOptions {
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
  /**
   * Messages with an ETA wait in RabbitMQ: `auto`, those for quorum queues, as in Celery; `always`; `never`: they go to
   * the queue at once, and a worker parks or holds them. Default `auto`.
   */
  readonly delayedDelivery?: "auto" | "always" | "never";
  /** Type of the queues in which messages wait; as Celery's `broker_native_delayed_delivery_queue_type`. Default `quorum`. */
  readonly delayedDeliveryQueueType?: "quorum" | "classic";
  /** In front of the names of those queues and exchanges, as kombu's prefix. Default none. */
  readonly delayedDeliveryPrefix?: string;
  /** Where messages nobody can run are kept. Default `celeriac.dead-letter`. */
  readonly deadLetterQueue?: string;
  /** Deadline of publishing and of every other call. Default 10,000. */
  readonly publishTimeoutMs?: number;
  /** Hears of unsafe choices and of a server that blocks publishers. Default `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
}

const TABLE: OptionTable = {
  failoverStrategy: oneOf("round-robin", "shuffle"),
  loginMethod: oneOf("PLAIN", "AMQPLAIN", "EXTERNAL"),
  heartbeat: zeroOrMore,
  connectTimeout: duration,
  tls: object,
  clientName: text,
  delayedDelivery: oneOf("auto", "always", "never"),
  delayedDeliveryQueueType: oneOf("quorum", "classic"),
  delayedDeliveryPrefix: text,
  deadLetterQueue: text,
  publishTimeoutMs: duration,
  onWarning: callback,
  // kombu's and py-amqp's: here every publish is confirmed, and retrying is the caller's.
  confirmPublish: "ignored",
  confirmTimeout: "ignored",
  readTimeout: "ignored",
  writeTimeout: "ignored",
  maxRetries: "ignored",
  intervalStart: "ignored",
  intervalStep: "ignored",
  intervalMax: "ignored",
  socketSettings: "ignored",
  clientProperties: "ignored",
};

/** Options with defaults applied, durations in milliseconds. */
export interface BrokerSettings {
  readonly failoverStrategy: FailoverStrategy;
  readonly loginMethod: LoginMethod;
  readonly heartbeatMs: number;
  readonly connectTimeoutMs: number;
  readonly tls: AmqpTls | undefined;
  readonly clientName: string;
  readonly delayedDelivery: "auto" | "always" | "never";
  readonly delayedDeliveryQueueType: "quorum" | "classic";
  readonly delayedDeliveryPrefix: string;
  readonly deadLetterQueue: string;
  readonly publishTimeoutMs: number;
  readonly onWarning: (message: string) => void;
}

/** Options out of `broker_transport_options`. @throws ConfigError with everything that is wrong. */
export function readBrokerOptions(transportOptions: Readonly<Record<string, unknown>>): AmqpBrokerOptions {
  const { values, issues } = checkOptions(transportOptions, TABLE);
  if (issues.length > 0) throw new ConfigError(issues.map(locate));
  // Every name and type has just been checked against the table, which mirrors the interface.
  return values as AmqpBrokerOptions;
}

/** @throws ConfigError with everything that is wrong. */
export function parseBrokerOptions(options: AmqpBrokerOptions): BrokerSettings {
  const { issues } = checkOptions({ ...options }, TABLE);
  if (issues.length > 0) throw new ConfigError(issues);
  return Object.freeze({
    failoverStrategy: options.failoverStrategy ?? "round-robin",
    loginMethod: options.loginMethod ?? "PLAIN",
    heartbeatMs: (options.heartbeat ?? 60) * 1000,
    connectTimeoutMs: (options.connectTimeout ?? 4) * 1000,
    tls: options.tls,
    clientName: options.clientName ?? `celeriac:${process.pid}@${hostname()}`,
    delayedDelivery: options.delayedDelivery ?? "auto",
    delayedDeliveryQueueType: options.delayedDeliveryQueueType ?? "quorum",
    delayedDeliveryPrefix: options.delayedDeliveryPrefix ?? "",
    deadLetterQueue: options.deadLetterQueue ?? "celeriac.dead-letter",
    publishTimeoutMs: options.publishTimeoutMs ?? 10_000,
    onWarning: options.onWarning ?? ((message: string) => process.emitWarning(message)),
  });
}

function locate(issue: ConfigIssue): ConfigIssue {
  return { key: `broker_transport_options.${issue.key}`, message: issue.message };
}
