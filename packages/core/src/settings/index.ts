export type { BeatSettings } from "./beat-settings.js";
export type { BrokerSettings } from "./broker-settings.js";
export type { CeleriacSettings } from "./celeriac-settings.js";
export { DurationError, parseDuration } from "./duration.js";
export { settingsFromEnvironment } from "./environment.js";
export type { EventSettings } from "./event-settings.js";
export type { ForeignSettings } from "./foreign-settings.js";
export type { GeneralSettings } from "./general-settings.js";
export type { HumanizeOptions } from "./humanize.js";
export { humanize, maskSettings } from "./humanize.js";
export { isSecretName, maskUrl, maskValue } from "./mask.js";
export { nearest } from "./nearest.js";
export type { ParsedSettings } from "./parse-settings.js";
export { defaultSettings, normalizeSettings, parseSettings } from "./parse-settings.js";
export type { QueueRecord, QueuesSetting } from "./queue-setting.js";
export type { ResultSettings } from "./result-settings.js";
export type { RouteFunction, RoutePair, RouterSetting, RouteSpec, RoutesSetting } from "./routes-setting.js";
export type { RoutingSettings } from "./routing-settings.js";
export type {
  AnySetting,
  DurationSetting,
  Setting,
  SettingsTable,
  SettingType,
  SettingUnit,
  SettingUse,
} from "./setting.js";
export type { SettingName, SettingStyle } from "./setting-names.js";
export { findSetting, settingNames, suggestSetting } from "./setting-names.js";
export type { Settings, SettingsInput } from "./settings.js";
export { settingsTable } from "./settings.js";
export type { StoreSettings } from "./store-settings.js";
export type { PublishRetryPolicy, TaskAnnotations, TaskSettings } from "./task-settings.js";
export type { WorkerSettings } from "./worker-settings.js";
