/**
 * How a setting reads its value. `seconds` and `rate` take texts too (`"5s"`, `"10/m"`); `url` and `urls` may hold
 * credentials; `tls` is a switch or a record of options; `records` is one record or a list of them.
 */
export type SettingType =
  | "boolean"
  | "string"
  | "integer"
  | "number"
  | "seconds"
  | "url"
  | "urls"
  | "list"
  | "record"
  | "records"
  | "choice"
  | "rate"
  | "timezone"
  | "tls"
  | "delivery-mode"
  | "owner"
  | "retry-policy"
  | "queues"
  | "routes";

/**
 * What becomes of a setting. `used`: changes what we do. `mapped`: accepted and translated to something of ours.
 * `foreign`: only Python or a vendor's store has a use for it; it is checked, warned of once, and dropped.
 */
export type SettingUse = "used" | "mapped" | "foreign";

export type SettingUnit = "seconds" | "milliseconds" | "bytes" | "KiB";

/** One row of the settings table. The camelCase name is its key; the Celery names derive from it (`setting-names.ts`). */
export interface Setting<T> {
  readonly type: SettingType;
  readonly default: T;
  /** Whether `null` is a value of its own: not set, or without limit. */
  readonly nullable: null extends T ? true : false;
  readonly use: SettingUse;
  readonly unit?: SettingUnit;
  /** Bounds of a number, inclusive. */
  readonly min?: number;
  readonly max?: number;
  /** Values of a `choice`. */
  readonly values?: readonly (string | number)[];
  /** Upper-case name of Celery 3 where the rule of the name space does not give it. */
  readonly old?: string;
  /** Never shown in a report or an error. */
  readonly secret?: boolean;
}

/** A row whose value type no longer matters. */
export type AnySetting = Omit<Setting<unknown>, "nullable"> & { readonly nullable: boolean };

/** Settings of the type `seconds`; their input may be a text like `"5s"`. The table's type keeps this list complete. */
export type DurationSetting =
  | "beatMaxLoopInterval"
  | "beatCronStartingDeadline"
  | "brokerConnectionTimeout"
  | "brokerHeartbeat"
  | "brokerPoolAcquireTimeout"
  | "controlQueueExpires"
  | "controlQueueTtl"
  | "eventQueueExpires"
  | "eventQueueTtl"
  | "maxEta"
  | "publishTimeout"
  | "redbeatLockTimeout"
  | "redisBackendHealthCheckInterval"
  | "redisSocketConnectTimeout"
  | "redisSocketTimeout"
  | "resultChordJoinTimeout"
  | "resultChordRetryInterval"
  | "resultExpires"
  | "taskSoftTimeLimit"
  | "taskTimeLimit"
  | "workerLostWait"
  | "workerProcAliveTimeout"
  | "workerRevokeExpires"
  | "workerSoftShutdownTimeout"
  | "workerSuccessfulExpires"
  | "workerTimerPrecision"
  | "azureblockblobConnectionTimeout"
  | "azureblockblobReadTimeout"
  | "cassandraEntryTtl"
  | "cosmosdbsqlMaxRetryWaitTime"
  | "elasticsearchTimeout"
  | "gcsTtl";

/** A row for every setting of `T`. */
export type SettingsTable<T> = {
  readonly [K in keyof T]-?: Setting<T[K]> & {
    readonly type: K extends DurationSetting ? "seconds" : Exclude<SettingType, "seconds">;
  };
};
