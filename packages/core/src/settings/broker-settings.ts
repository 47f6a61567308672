import {
  choice,
  decimal,
  flag,
  integer,
  type OpenRecord,
  orNull,
  record,
  seconds,
  special,
  text,
  urls,
} from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** @see Celery user guide, "Configuration and defaults", broker settings. */
export interface BrokerSettings {
  /** One URL or several to fail over between. `null`: none was named (Celery then assumes `amqp://`). */
  readonly brokerUrl: string | readonly string[] | null;
  /** For workers; `null` means `brokerUrl`. */
  readonly brokerReadUrl: string | readonly string[] | null;
  /** For publishers; `null` means `brokerUrl`. */
  readonly brokerWriteUrl: string | readonly string[] | null;
  /** Overrides the URL's scheme. */
  readonly brokerTransport: string | null;
  readonly brokerTransportOptions: OpenRecord;
  readonly brokerFailoverStrategy: "round-robin" | "shuffle";
  /** Seconds; 0 or `null` turns heartbeats off. */
  readonly brokerHeartbeat: number | null;
  /** Checks for each heartbeat interval. */
  readonly brokerHeartbeatCheckrate: number;
  readonly brokerUseSsl: boolean | OpenRecord;
  /** Connections kept; 0 or `null` opens one for each use. */
  readonly brokerPoolLimit: number | null;
  /** Seconds to wait for a free connection; `null` waits for ever. */
  readonly brokerPoolAcquireTimeout: number | null;
  /** Seconds. */
  readonly brokerConnectionTimeout: number | null;
  readonly brokerConnectionRetry: boolean;
  /** `null` means `brokerConnectionRetry`. */
  readonly brokerConnectionRetryOnStartup: boolean | null;
  /** 0 or `null` never gives up. */
  readonly brokerConnectionMaxRetries: number | null;
  readonly brokerChannelErrorRetry: boolean;
  readonly brokerLoginMethod: string | null;
  readonly brokerNativeDelayedDeliveryQueueType: "classic" | "quorum";
  /** With the next four: parts of an address; they make `brokerUrl` when that is not given. */
  readonly brokerHost: string | null;
  readonly brokerPort: number | null;
  readonly brokerUser: string | null;
  readonly brokerPassword: string | null;
  readonly brokerVhost: string | null;
}

export const brokerSettings: SettingsTable<BrokerSettings> = {
  brokerUrl: urls(),
  brokerReadUrl: urls(),
  brokerWriteUrl: urls(),
  brokerTransport: text(null),
  brokerTransportOptions: record({}),
  brokerFailoverStrategy: choice(["round-robin", "shuffle"], "round-robin"),
  brokerHeartbeat: orNull(seconds(120)),
  brokerHeartbeatCheckrate: decimal(3),
  brokerUseSsl: special<boolean | OpenRecord, "tls">("tls", false),
  brokerPoolLimit: orNull(integer(10)),
  brokerPoolAcquireTimeout: seconds(null),
  brokerConnectionTimeout: orNull(seconds(4)),
  brokerConnectionRetry: flag(true),
  brokerConnectionRetryOnStartup: flag(null),
  brokerConnectionMaxRetries: orNull(integer(100)),
  brokerChannelErrorRetry: flag(false),
  brokerLoginMethod: text(null),
  brokerNativeDelayedDeliveryQueueType: choice(["classic", "quorum"], "quorum"),
  brokerHost: text(null, { use: "mapped" }),
  brokerPort: integer(null, { use: "mapped", max: 65_535 }),
  brokerUser: text(null, { use: "mapped" }),
  brokerPassword: text(null, { use: "mapped", secret: true }),
  brokerVhost: text(null, { use: "mapped" }),
};
