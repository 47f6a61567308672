import { flag, integer, type OpenRecord, orNull, record, seconds, special, text, url } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** Connections of the result stores that we have adapters for: Redis, SQL, MongoDB. */
export interface StoreSettings {
  readonly redisHost: string | null;
  readonly redisPort: number | null;
  readonly redisDb: number | null;
  readonly redisUsername: string | null;
  readonly redisPassword: string | null;
  readonly redisBackendUseSsl: boolean | OpenRecord | null;
  readonly redisMaxConnections: number | null;
  /** Seconds. */
  readonly redisSocketTimeout: number | null;
  /** Seconds; `null` means `redisSocketTimeout`. */
  readonly redisSocketConnectTimeout: number | null;
  readonly redisRetryOnTimeout: boolean;
  readonly redisSocketKeepalive: boolean;
  /** Seconds between pings of an idle connection; `null` sends none. */
  readonly redisBackendHealthCheckInterval: number | null;
  readonly redisClientName: string | null;
  readonly databaseUrl: string | null;
  readonly databaseEngineOptions: OpenRecord;
  readonly databaseShortLivedSessions: boolean;
  readonly databaseTableSchemas: OpenRecord | null;
  readonly databaseTableNames: OpenRecord | null;
  readonly databaseCreateTablesAtSetup: boolean;
  readonly mongodbBackendSettings: OpenRecord | null;
}

export const storeSettings: SettingsTable<StoreSettings> = {
  redisHost: text(null),
  redisPort: integer(null, { max: 65_535 }),
  redisDb: integer(null),
  redisUsername: text(null),
  redisPassword: text(null, { secret: true }),
  redisBackendUseSsl: special<boolean | OpenRecord | null, "tls">("tls", null),
  redisMaxConnections: integer(null),
  redisSocketTimeout: orNull(seconds(120)),
  redisSocketConnectTimeout: seconds(null),
  redisRetryOnTimeout: flag(false),
  redisSocketKeepalive: flag(false),
  redisBackendHealthCheckInterval: seconds(null),
  redisClientName: text(null),
  databaseUrl: url({ old: "CELERY_RESULT_DBURI" }),
  databaseEngineOptions: record(
    { pool_pre_ping: true, pool_recycle: 3600 },
    { use: "mapped", old: "CELERY_RESULT_ENGINE_OPTIONS" },
  ),
  databaseShortLivedSessions: flag(false, { use: "mapped", old: "CELERY_RESULT_DB_SHORT_LIVED_SESSIONS" }),
  databaseTableSchemas: record(null),
  databaseTableNames: record(null, { old: "CELERY_RESULT_DB_TABLENAMES" }),
  databaseCreateTablesAtSetup: flag(true),
  mongodbBackendSettings: record(null),
};
