import { flag, list, type OpenRecord, record, special } from "./define-setting.js";
import type { SettingsTable } from "./setting.js";

/** @see Celery user guide, "Configuration and defaults", general settings. */
export interface GeneralSettings {
  /** Serializer names or content types the worker may decode. */
  readonly acceptContent: readonly string[];
  /** The same for results; `null` means `acceptContent`. */
  readonly resultAcceptContent: readonly string[] | null;
  readonly enableUtc: boolean;
  /** Zone of schedules and local times. */
  readonly timezone: string;
  /** Modules loaded when a worker starts. */
  readonly imports: readonly string[];
  /** More modules, loaded after `imports`. */
  readonly include: readonly string[];
  /** URL scheme to the name of the backend that answers for it. */
  readonly overrideBackends: OpenRecord;
}

export const generalSettings: SettingsTable<GeneralSettings> = {
  acceptContent: list(["json"], { old: "CELERY_ACCEPT_CONTENT" }),
  resultAcceptContent: list(null, { old: "RESULT_ACCEPT_CONTENT" }),
  enableUtc: flag(true),
  timezone: special<string, "timezone">("timezone", "UTC", { old: "CELERY_TIMEZONE" }),
  imports: list([], { old: "CELERY_IMPORTS" }),
  include: list([], { old: "CELERY_INCLUDE" }),
  overrideBackends: record({}, { use: "mapped" }),
};
