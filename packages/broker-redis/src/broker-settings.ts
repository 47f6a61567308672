import type { ConfigIssue } from "@celeriac/core/errors";
import { ConfigError } from "@celeriac/core/errors";
import type { OptionTable, RedisConnectionOptions } from "@celeriac/redis-connection";
import { CONNECTION_OPTIONS, checkOptions } from "@celeriac/redis-connection";

export type QueueOrderStrategy = "round_robin" | "sorted" | "priority";

/**
 * Names, units and defaults are kombu's (`broker_transport_options`) in camelCase, unless they end in `Ms`: those are
 * ours. Every peer of a database must have the same `sep`, `prioritySteps`, `globalKeyprefix` and unacked keys.
 */
export interface RedisBrokerOptions extends RedisConnectionOptions {
  /** Seconds without renewal after which a taken message goes back to its queue. Default 3600. */
  readonly visibilityTimeout?: number;
  /** Rising, from 0. Default `[0, 3, 6, 9]`. 0 is served first. */
  readonly prioritySteps?: readonly number[];
  /** Between the parts of a key or binding. Default the bytes 06 16. */
  readonly sep?: string;
  /** Which queue is served first. Default `round_robin`. */
  readonly queueOrderStrategy?: QueueOrderStrategy;
  /** In front of every key and channel. Default none. */
  readonly globalKeyprefix?: string;
  /** false: none; text: instead of `/{db}.`. Default true. */
  readonly fanoutPrefix?: boolean | string;
  /** Whether the routing key is part of a fanout channel. Default true. */
  readonly fanoutPatterns?: boolean;
  readonly unackedKey?: string;
  readonly unackedIndexKey?: string;
  readonly unackedMutexKey?: string;
  /** Seconds a restore sweep may hold its lock; ours takes 10 at most. Default 300. */
  readonly unackedMutexExpire?: number;
  /** At most so many messages per restore sweep. Default no limit. */
  readonly unackedRestoreLimit?: number;
  /** false: a message is gone once taken. Default true. */
  readonly ackEmulation?: boolean;
  /** Deadline of publishing and of every other call. Default 10,000. */
  readonly publishTimeoutMs?: number;
  /** Pause between restore sweeps. Default 10 s, or a third of the visibility timeout if that is shorter. */
  readonly restoreIntervalMs?: number;
  /** Dead letters kept; older ones are dropped and counted. Default 10,000. */
  readonly deadLetterLimit?: number;
}

const TABLE: OptionTable = {
  ...CONNECTION_OPTIONS,
  visibilityTimeout: "seconds",
  prioritySteps: "steps",
  sep: "text",
  queueOrderStrategy: "choice:round_robin|sorted|priority",
  globalKeyprefix: "text",
  fanoutPrefix: "textOrFlag",
  fanoutPatterns: "flag",
  unackedKey: "text",
  unackedIndexKey: "text",
  unackedMutexKey: "text",
  unackedMutexExpire: "seconds",
  unackedRestoreLimit: "count",
  ackEmulation: "flag",
  publishTimeoutMs: "milliseconds",
  restoreIntervalMs: "milliseconds",
  deadLetterLimit: "count",
  // kombu's ways to poll: here nothing is polled, and the sweep has `restoreIntervalMs`.
  pollingInterval: "ignored",
  unackedRestoreInterval: "ignored",
  unackedRestoreThrottle: "ignored",
  sentinelFanoutCompat: "ignored",
};

/** Options with defaults applied, durations in milliseconds. */
export interface BrokerSettings {
  readonly visibilityMs: number;
  readonly prioritySteps: readonly number[];
  readonly sep: string;
  readonly queueOrderStrategy: QueueOrderStrategy;
  readonly globalKeyprefix: string;
  readonly fanoutPrefix: boolean | string;
  readonly fanoutPatterns: boolean;
  readonly unackedKey: string;
  readonly unackedIndexKey: string;
  readonly unackedMutexKey: string;
  readonly unackedMutexExpireMs: number;
  readonly unackedRestoreLimit: number;
  readonly ackEmulation: boolean;
  readonly publishTimeoutMs: number;
  readonly restoreIntervalMs: number;
  readonly deadLetterLimit: number;
}

/** Options out of `broker_transport_options`. @throws ConfigError with everything that is wrong. */
export function readBrokerOptions(transportOptions: Readonly<Record<string, unknown>>): RedisBrokerOptions {
  const { values, issues } = checkOptions(transportOptions, TABLE);
  if (issues.length > 0) throw new ConfigError(issues.map(locate));
  // Every name and type has just been checked against the table, which mirrors the interface.
  return values as RedisBrokerOptions;
}

/** @throws ConfigError with everything that is wrong. */
export function parseBrokerOptions(options: RedisBrokerOptions): BrokerSettings {
  const { issues } = checkOptions({ ...options }, TABLE);
  if (issues.length > 0) throw new ConfigError(issues);
  const visibilityMs = (options.visibilityTimeout ?? 3600) * 1000;
  return Object.freeze({
    visibilityMs,
    prioritySteps: options.prioritySteps ?? [0, 3, 6, 9],
    sep: options.sep ?? "\x06\x16",
    queueOrderStrategy: options.queueOrderStrategy ?? "round_robin",
    globalKeyprefix: options.globalKeyprefix ?? "",
    fanoutPrefix: options.fanoutPrefix ?? true,
    fanoutPatterns: options.fanoutPatterns ?? true,
    unackedKey: options.unackedKey ?? "unacked",
    unackedIndexKey: options.unackedIndexKey ?? "unacked_index",
    unackedMutexKey: options.unackedMutexKey ?? "unacked_mutex",
    unackedMutexExpireMs: (options.unackedMutexExpire ?? 300) * 1000,
    unackedRestoreLimit: options.unackedRestoreLimit ?? Number.POSITIVE_INFINITY,
    ackEmulation: options.ackEmulation ?? true,
    publishTimeoutMs: options.publishTimeoutMs ?? 10_000,
    restoreIntervalMs: options.restoreIntervalMs ?? Math.min(10_000, visibilityMs / 3),
    deadLetterLimit: options.deadLetterLimit ?? 10_000,
  });
}

function locate(issue: ConfigIssue): ConfigIssue {
  return { key: `broker_transport_options.${issue.key}`, message: issue.message };
}
