import { flag, integer, type OpenRecord, record, seconds, special, text, url } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** Periodic tasks, their Redis store (redbeat's names), and message signing. */
export interface BeatSettings {
  /** Entries by name. */
  readonly beatSchedule: OpenRecord;
  /** Name of a scheduler; Celery's class paths are understood. */
  readonly beatScheduler: string;
  readonly beatScheduleFilename: string;
  /** Tasks sent between two syncs; 0 syncs by time only. */
  readonly beatSyncEvery: number;
  /** Seconds; 0 leaves it to the scheduler. */
  readonly beatMaxLoopInterval: number;
  /** Seconds a missed cron entry may still run late; `null` sets no limit. */
  readonly beatCronStartingDeadline: number | null;
  readonly beatLogfile: string | null;
  readonly beatPidfile: string | null;
  readonly beatUid: string | number | null;
  readonly beatGid: string | number | null;
  readonly beatUmask: string | number | null;
  readonly beatExecutable: string | null;
  /** `null` means `brokerUrl`. */
  readonly redbeatRedisUrl: string | null;
  readonly redbeatRedisOptions: OpenRecord | null;
  readonly redbeatRedisUseSsl: boolean | OpenRecord | null;
  readonly redbeatKeyPrefix: string;
  /** `null` means the key prefix with `:lock`. */
  readonly redbeatLockKey: string | null;
  /** Seconds; `null` means five times `beatMaxLoopInterval` (1500 s for redbeat's default of 300). */
  readonly redbeatLockTimeout: number | null;
  readonly redbeatKeyExpiryCheck: boolean;
  /** PEM file, as the next two. */
  readonly securityKey: string | null;
  readonly securityKeyPassword: string | null;
  readonly securityCertificate: string | null;
  /** Glob of PEM files. */
  readonly securityCertStore: string | null;
  readonly securityDigest: string;
}

export const beatSettings: SettingsTable<BeatSettings> = {
  beatSchedule: record({}),
  beatScheduler: text("celery.beat:PersistentScheduler", { use: "mapped" }),
  beatScheduleFilename: text("celerybeat-schedule"),
  beatSyncEvery: integer(0),
  beatMaxLoopInterval: seconds(0),
  beatCronStartingDeadline: seconds(null),
  beatLogfile: text(null, { use: "mapped" }),
  beatPidfile: text(null, { use: "mapped" }),
  beatUid: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  beatGid: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  beatUmask: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  beatExecutable: text(null, { use: "mapped" }),
  redbeatRedisUrl: url(),
  redbeatRedisOptions: record(null),
  redbeatRedisUseSsl: special<boolean | OpenRecord | null, "tls">("tls", null),
  redbeatKeyPrefix: text("redbeat:"),
  redbeatLockKey: text(null),
  redbeatLockTimeout: seconds(null),
  redbeatKeyExpiryCheck: flag(false),
  securityKey: text(null),
  securityKeyPassword: text(null, { secret: true }),
  securityCertificate: text(null),
  securityCertStore: text(null),
  securityDigest: text("sha256"),
};
