import {
  type AmqpConnectionOptions,
  type AmqpConnectionSettings,
  CONNECTION_OPTIONS,
  checkConnectionOptions,
  connectionDefaults,
} from "@celeriac/amqp-connection";
import type { ConfigIssue, OptionTable } from "@celeriac/core/errors";
import { ConfigError, optionChecks } from "@celeriac/core/errors";

const { duration, oneOf, text } = optionChecks;

/** Names and units are Celery's and kombu's in camelCase, unless they end in `Ms`: those are ours. */
export interface AmqpBrokerOptions extends AmqpConnectionOptions {
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
}

const TABLE: OptionTable = {
  ...CONNECTION_OPTIONS,
  delayedDelivery: oneOf("auto", "always", "never"),
  delayedDeliveryQueueType: oneOf("quorum", "classic"),
  delayedDeliveryPrefix: text,
  deadLetterQueue: text,
  publishTimeoutMs: duration,
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
export interface BrokerSettings extends AmqpConnectionSettings {
  readonly delayedDelivery: "auto" | "always" | "never";
  readonly delayedDeliveryQueueType: "quorum" | "classic";
  readonly delayedDeliveryPrefix: string;
  readonly deadLetterQueue: string;
  readonly publishTimeoutMs: number;
}

/** Options out of `broker_transport_options`. @throws ConfigError with everything that is wrong. */
export function readBrokerOptions(transportOptions: Readonly<Record<string, unknown>>): AmqpBrokerOptions {
  const { values, issues } = checkConnectionOptions(transportOptions, TABLE);
  if (issues.length > 0) throw new ConfigError(issues.map(locate));
  // Every name and type has just been checked against the table, which mirrors the interface.
  return values as AmqpBrokerOptions;
}

/** @throws ConfigError with everything that is wrong. */
export function parseBrokerOptions(given: AmqpBrokerOptions): BrokerSettings {
  const { values, issues } = checkConnectionOptions({ ...given }, TABLE);
  if (issues.length > 0) throw new ConfigError(issues);
  const options = values as AmqpBrokerOptions; // as above
  return Object.freeze({
    ...connectionDefaults(options),
    delayedDelivery: options.delayedDelivery ?? "auto",
    delayedDeliveryQueueType: options.delayedDeliveryQueueType ?? "quorum",
    delayedDeliveryPrefix: options.delayedDeliveryPrefix ?? "",
    deadLetterQueue: options.deadLetterQueue ?? "celeriac.dead-letter",
    publishTimeoutMs: options.publishTimeoutMs ?? 10_000,
  });
}

function locate(issue: ConfigIssue): ConfigIssue {
  return { key: `broker_transport_options.${issue.key}`, message: issue.message };
}
