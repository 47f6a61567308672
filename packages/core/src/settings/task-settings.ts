import { choice, flag, type OpenRecord, seconds, special, text } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** How often and how soon a failed publish is repeated. Times in seconds. */
export interface PublishRetryPolicy {
  /** `Infinity` never gives up; `null` is accepted for it, as in Celery. */
  readonly maxRetries: number;
  readonly intervalStart: number;
  readonly intervalMax: number;
  readonly intervalStep: number;
}

/** Attributes to override, by task name (`*` for all), or several such records. */
export type TaskAnnotations = OpenRecord | readonly OpenRecord[];

/** @see Celery user guide, "Configuration and defaults", task settings. */
export interface TaskSettings {
  readonly taskSerializer: string;
  readonly taskCompression: string | null;
  /** Version of the message protocol that we write. */
  readonly taskProtocol: 1 | 2;
  readonly taskPublishRetry: boolean;
  readonly taskPublishRetryPolicy: PublishRetryPolicy;
  readonly taskAlwaysEager: boolean;
  readonly taskEagerPropagates: boolean;
  readonly taskStoreEagerResult: boolean;
  readonly taskIgnoreResult: boolean;
  readonly taskStoreErrorsEvenIfIgnored: boolean;
  readonly taskTrackStarted: boolean;
  readonly taskAnnotations: TaskAnnotations | null;
  readonly taskAcksLate: boolean;
  /** Used for whichever of the next two is `null`. */
  readonly taskAcksOnFailureOrTimeout: boolean;
  readonly taskAcksOnFailure: boolean | null;
  readonly taskAcksOnTimeout: boolean | null;
  readonly taskRejectOnWorkerLost: boolean | null;
  /** Seconds. */
  readonly taskTimeLimit: number | null;
  /** Seconds. */
  readonly taskSoftTimeLimit: number | null;
  /** Tasks a second, or a text with its unit: `"10/s"`, `"100/m"`, `"500/h"`. */
  readonly taskDefaultRateLimit: number | string | null;
  readonly taskAllowErrorCbOnChordHeader: boolean;
}

export const taskSettings: SettingsTable<TaskSettings> = {
  taskSerializer: text("json", { old: "CELERY_TASK_SERIALIZER" }),
  taskCompression: text(null, { old: "CELERY_MESSAGE_COMPRESSION" }),
  taskProtocol: choice([1, 2], 2, { old: "CELERY_TASK_PROTOCOL" }),
  taskPublishRetry: flag(true, { old: "CELERY_TASK_PUBLISH_RETRY" }),
  taskPublishRetryPolicy: special<PublishRetryPolicy, "retry-policy">(
    "retry-policy",
    { maxRetries: 3, intervalStart: 0, intervalMax: 1, intervalStep: 0.2 },
    { old: "CELERY_TASK_PUBLISH_RETRY_POLICY" },
  ),
  taskAlwaysEager: flag(false),
  taskEagerPropagates: flag(false, { old: "CELERY_EAGER_PROPAGATES_EXCEPTIONS" }),
  taskStoreEagerResult: flag(false),
  taskIgnoreResult: flag(false),
  taskStoreErrorsEvenIfIgnored: flag(false),
  taskTrackStarted: flag(false),
  taskAnnotations: special<TaskAnnotations | null, "records">("records", null),
  taskAcksLate: flag(false),
  taskAcksOnFailureOrTimeout: flag(true),
  taskAcksOnFailure: flag(null),
  taskAcksOnTimeout: flag(null),
  taskRejectOnWorkerLost: flag(null),
  taskTimeLimit: seconds(null, { old: "CELERYD_TASK_TIME_LIMIT" }),
  taskSoftTimeLimit: seconds(null, { old: "CELERYD_TASK_SOFT_TIME_LIMIT" }),
  taskDefaultRateLimit: special<number | string | null, "rate">("rate", null),
  taskAllowErrorCbOnChordHeader: flag(false),
};
