import { ConfigError, type ConfigIssue } from "../errors/config-error.js";
import { readSettings } from "./read-settings.js";
import { settingNames } from "./setting-names.js";
import type { Settings, SettingsInput } from "./settings.js";

export interface ParsedSettings {
  readonly settings: Settings;
  /** One text for each setting that is accepted without effect. */
  readonly warnings: readonly string[];
}

/**
 * Turns what a user wrote into complete settings. Names may be camelCase, Celery's lower_case, Celery 3's UPPER_CASE or
 * `CELERY_` with the upper-cased new name.
 * @param source - Where the input is from, for the errors: a file name.
 * @throws ConfigError naming every unknown key, wrong value, double and mix of old and new names at once.
 */
export function parseSettings(input: Readonly<Record<string, unknown>>, source?: string): ParsedSettings {
  const { values, issues, warnings } = readSettings(input, source);
  const all: Record<string, unknown> = {};
  for (const { camel, setting } of settingNames) {
    if (setting.use === "foreign") continue;
    const value = values.get(camel);
    all[camel] = value === undefined ? setting.default : value;
  }
  // The loop has filled every row of the table, and the table's type ties each row to its member of Settings.
  const settings = all as unknown as Settings;
  const found = [...issues, ...contradictions(settings)];
  if (found.length > 0) throw new ConfigError(found);
  return { settings: Object.freeze({ ...settings, brokerUrl: brokerUrlOf(settings) }), warnings };
}

/**
 * Checks settings and gives them their camelCase names, without defaults: what comes from a file or the environment can
 * then be laid over each other by spreading before `parseSettings`.
 * @throws ConfigError like `parseSettings`.
 */
export function normalizeSettings(
  input: Readonly<Record<string, unknown>>,
  source?: string,
): { readonly input: SettingsInput; readonly warnings: readonly string[] } {
  const { values, issues, warnings } = readSettings(input, source);
  if (issues.length > 0) throw new ConfigError(issues);
  return { input: Object.fromEntries(values), warnings };
}

/** All settings at their defaults. */
export function defaultSettings(): Settings {
  return parseSettings({}).settings;
}

function contradictions(settings: Settings): readonly ConfigIssue[] {
  const issues: ConfigIssue[] = [];
  for (const kind of ["event", "control"] as const) {
    if (settings[`${kind}QueueDurable`] && settings[`${kind}QueueExclusive`]) {
      const message = `cannot be true together with ${kind}QueueExclusive; set one of them to false.`;
      issues.push({ key: `${kind}QueueDurable`, message });
    }
  }
  return issues;
}

/** Celery's older way to name a broker: `broker_host` and its companions. A URL in `broker_host` is taken as it is. */
function brokerUrlOf(settings: Settings): Settings["brokerUrl"] {
  const { brokerUrl, brokerHost, brokerPort, brokerUser, brokerPassword, brokerVhost, brokerTransport } = settings;
  if (brokerUrl !== null || brokerHost === null) return brokerUrl;
  if (brokerHost.includes("://")) return brokerHost;
  const user = encodeURIComponent(brokerUser ?? "");
  const password = brokerPassword === null ? "" : `:${encodeURIComponent(brokerPassword)}`;
  const userInfo = user === "" && password === "" ? "" : `${user}${password}@`;
  const port = brokerPort === null ? "" : `:${brokerPort}`;
  const vhost = brokerVhost === null ? "" : `/${encodeURIComponent(brokerVhost)}`;
  return `${brokerTransport ?? "amqp"}://${userInfo}${brokerHost}${port}${vhost}`;
}
