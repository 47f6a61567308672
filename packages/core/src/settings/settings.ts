import { type BeatSettings, beatSettings } from "./beat-settings.js";
import { type BrokerSettings, brokerSettings } from "./broker-settings.js";
import { type CeleriacSettings, celeriacSettings } from "./celeriac-settings.js";
import { type EventSettings, eventSettings } from "./event-settings.js";
import { type ForeignSettings, foreignSettings } from "./foreign-settings.js";
import { type GeneralSettings, generalSettings } from "./general-settings.js";
import { type ResultSettings, resultSettings } from "./result-settings.js";
import { type RoutingSettings, routingSettings } from "./routing-settings.js";
import type { DurationSetting, SettingsTable } from "./setting.js";
import { type StoreSettings, storeSettings } from "./store-settings.js";
import { type PublishRetryPolicy, type TaskSettings, taskSettings } from "./task-settings.js";
import { type WorkerSettings, workerSettings } from "./worker-settings.js";

/** Parsed settings: every one present, checked, frozen. Durations are seconds unless the name says otherwise. */
export interface Settings
  extends GeneralSettings,
    TaskSettings,
    RoutingSettings,
    BrokerSettings,
    ResultSettings,
    StoreSettings,
    WorkerSettings,
    EventSettings,
    BeatSettings,
    CeleriacSettings {}

type KnownSettings = Settings & ForeignSettings;

type InputOf<K extends keyof KnownSettings> = K extends DurationSetting
  ? KnownSettings[K] | string
  : K extends "taskPublishRetryPolicy"
    ? { readonly [P in keyof PublishRetryPolicy]?: PublishRetryPolicy[P] | null }
    : KnownSettings[K];

/** What users write: any part of the settings. Durations are seconds or texts like `"5s"`, `"1h30m"`. */
export type SettingsInput = { readonly [K in keyof KnownSettings]?: InputOf<K> | undefined };

/** The one table of all settings, by camelCase name. */
export const settingsTable: SettingsTable<KnownSettings> = {
  ...generalSettings,
  ...taskSettings,
  ...routingSettings,
  ...brokerSettings,
  ...resultSettings,
  ...storeSettings,
  ...workerSettings,
  ...eventSettings,
  ...beatSettings,
  ...celeriacSettings,
  ...foreignSettings,
};
