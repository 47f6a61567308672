import { choice, flag, integer, seconds, special, text } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** @see Celery user guide, "Configuration and defaults", worker settings. */
export interface WorkerSettings {
  /** Tasks run at once; `null` means one for each CPU core. */
  readonly workerConcurrency: number | null;
  /** Messages held for each slot; 0 means no limit. */
  readonly workerPrefetchMultiplier: number;
  readonly workerEtaTaskLimit: number | null;
  /** Take a message only for a free slot. */
  readonly workerDisablePrefetch: boolean;
  readonly workerEnablePrefetchCountReduction: boolean;
  readonly workerPool: string;
  readonly workerPoolRestarts: boolean;
  /** Seconds. */
  readonly workerTimerPrecision: number;
  readonly workerDisableRateLimits: boolean;
  readonly workerEnableRemoteControl: boolean;
  /** File that keeps revoked tasks and the clock between runs. */
  readonly workerStateDb: string | null;
  readonly workerMaxTasksPerChild: number | null;
  /** KiB of resident memory. */
  readonly workerMaxMemoryPerChild: number | null;
  /** Seconds. */
  readonly workerLostWait: number;
  /** Seconds. */
  readonly workerProcAliveTimeout: number;
  readonly workerCancelLongRunningTasksOnConnectionLoss: boolean;
  readonly workerDeduplicateSuccessfulTasks: boolean;
  readonly workerDetectQuorumQueues: boolean;
  /** Seconds. */
  readonly workerSoftShutdownTimeout: number;
  readonly workerEnableSoftShutdownOnIdle: boolean;
  readonly workerSendTaskEvents: boolean;
  /** Revoked ids remembered, and for how many seconds. In Celery environment variables only. */
  readonly workerRevokesMax: number;
  readonly workerRevokeExpires: number;
  /** Finished ids remembered for deduplication, and for how many seconds. In Celery environment variables only. */
  readonly workerSuccessfulMax: number;
  readonly workerSuccessfulExpires: number;
  readonly workerHijackRootLogger: boolean;
  /** `null`: when the output is a terminal. */
  readonly workerLogColor: boolean | null;
  readonly workerLogFormat: string;
  readonly workerTaskLogFormat: string;
  readonly workerRedirectStdouts: boolean;
  readonly workerRedirectStdoutsLevel: "DEBUG" | "INFO" | "WARNING" | "ERROR" | "CRITICAL";
  readonly workerLogfile: string | null;
  readonly workerPidfile: string | null;
  readonly workerUid: string | number | null;
  readonly workerGid: string | number | null;
  readonly workerUmask: string | number | null;
  readonly workerExecutable: string | null;
}

const PREFIX = "[%(asctime)s: %(levelname)s/%(processName)s]";

export const workerSettings: SettingsTable<WorkerSettings> = {
  workerConcurrency: integer(null),
  workerPrefetchMultiplier: integer(4),
  workerEtaTaskLimit: integer(null),
  workerDisablePrefetch: flag(false),
  workerEnablePrefetchCountReduction: flag(true),
  workerPool: text("prefork"),
  workerPoolRestarts: flag(false),
  workerTimerPrecision: seconds(1),
  workerDisableRateLimits: flag(false, { old: "CELERY_DISABLE_RATE_LIMITS" }),
  workerEnableRemoteControl: flag(true, { old: "CELERY_ENABLE_REMOTE_CONTROL" }),
  workerStateDb: text(null),
  workerMaxTasksPerChild: integer(null),
  workerMaxMemoryPerChild: integer(null, { unit: "KiB" }),
  workerLostWait: seconds(10, { old: "CELERYD_WORKER_LOST_WAIT" }),
  workerProcAliveTimeout: seconds(4),
  workerCancelLongRunningTasksOnConnectionLoss: flag(false),
  workerDeduplicateSuccessfulTasks: flag(false),
  workerDetectQuorumQueues: flag(true),
  workerSoftShutdownTimeout: seconds(0),
  workerEnableSoftShutdownOnIdle: flag(false),
  workerSendTaskEvents: flag(false, { old: "CELERY_SEND_EVENTS" }),
  workerRevokesMax: integer(50_000, { old: "CELERY_WORKER_REVOKES_MAX" }),
  workerRevokeExpires: seconds(10_800, { old: "CELERY_WORKER_REVOKE_EXPIRES" }),
  workerSuccessfulMax: integer(1000, { old: "CELERY_WORKER_SUCCESSFUL_MAX" }),
  workerSuccessfulExpires: seconds(10_800, { old: "CELERY_WORKER_SUCCESSFUL_EXPIRES" }),
  workerHijackRootLogger: flag(true),
  workerLogColor: flag(null),
  workerLogFormat: text(`${PREFIX} %(message)s`),
  workerTaskLogFormat: text(`${PREFIX} %(task_name)s[%(task_id)s]: %(message)s`),
  workerRedirectStdouts: flag(true, { old: "CELERY_REDIRECT_STDOUTS" }),
  workerRedirectStdoutsLevel: choice(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], "WARNING", {
    old: "CELERY_REDIRECT_STDOUTS_LEVEL",
  }),
  workerLogfile: text(null, { use: "mapped" }),
  workerPidfile: text(null, { use: "mapped" }),
  workerUid: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  workerGid: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  workerUmask: special<string | number | null, "owner">("owner", null, { use: "mapped" }),
  workerExecutable: text(null, { use: "mapped" }),
};
