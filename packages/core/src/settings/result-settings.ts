import {
  choice,
  decimal,
  flag,
  integer,
  type OpenRecord,
  orNull,
  record,
  seconds,
  text,
  url,
} from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** @see Celery user guide, "Configuration and defaults", task result backend settings. */
export interface ResultSettings {
  /** `null`, or the text `"disabled"`: results are not kept. */
  readonly resultBackend: string | null;
  readonly resultSerializer: string;
  /**
   * For results that are messages (`rpc://`). Stores have an option of that name instead: `result_compression` in
   * `result_backend_transport_options`.
   */
  readonly resultCompression: string | null;
  /** Whether name, arguments, worker and retries are stored beside the result. */
  readonly resultExtended: boolean;
  /** Seconds; 0 or `null` keeps results for ever. */
  readonly resultExpires: number | null;
  /** Results kept by the client; -1 keeps none, 0 or `null` sets no limit. */
  readonly resultCacheMax: number | null;
  readonly resultPersistent: boolean | null;
  readonly resultExchange: string;
  readonly resultExchangeType: "direct" | "topic" | "fanout" | "headers";
  /** Seconds. */
  readonly resultChordJoinTimeout: number;
  /** Seconds. */
  readonly resultChordRetryInterval: number;
  readonly resultBackendTransportOptions: OpenRecord;
  /**
   * Whether what is asked of a result backend that is away is asked again. What a worker stores is stored again in any case,
   * for a minute, before its message goes back.
   */
  readonly resultBackendAlwaysRetry: boolean;
  /** Of one call. `Infinity` never gives up; the call's own deadline and signal do. */
  readonly resultBackendMaxRetries: number;
  /** Milliseconds, as in Celery. */
  readonly resultBackendBaseSleepBetweenRetriesMs: number;
  /** Milliseconds, as in Celery. */
  readonly resultBackendMaxSleepBetweenRetriesMs: number;
}

export const resultSettings: SettingsTable<ResultSettings> = {
  resultBackend: url(),
  resultSerializer: text("json"),
  resultCompression: text(null),
  resultExtended: flag(false),
  resultExpires: orNull(seconds(86_400, { old: "CELERY_TASK_RESULT_EXPIRES" })),
  resultCacheMax: orNull(integer(-1, { min: -1, old: "CELERY_MAX_CACHED_RESULTS" })),
  resultPersistent: flag(null),
  resultExchange: text("celeryresults"),
  resultExchangeType: choice(["direct", "topic", "fanout", "headers"], "direct"),
  resultChordJoinTimeout: seconds(3),
  resultChordRetryInterval: seconds(1),
  resultBackendTransportOptions: record({}),
  resultBackendAlwaysRetry: flag(false),
  resultBackendMaxRetries: decimal(Number.POSITIVE_INFINITY),
  resultBackendBaseSleepBetweenRetriesMs: integer(10, { unit: "milliseconds" }),
  resultBackendMaxSleepBetweenRetriesMs: integer(10_000, { unit: "milliseconds" }),
};
