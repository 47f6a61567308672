import { maskSecret, maskValue } from "./mask.js";
import { isSameValue } from "./same-value.js";
import { settingNames } from "./setting-names.js";
import type { Settings } from "./settings.js";

export interface HumanizeOptions {
  /** Also those that stand at their default. Default false. */
  readonly withDefaults?: boolean;
}

/** Settings by Celery's lower-case names without any secret: what `inspect conf` answers. */
export function maskSettings(settings: Settings, options: HumanizeOptions = {}): Readonly<Record<string, unknown>> {
  const values = new Map<string, unknown>(Object.entries(settings));
  const shown: Record<string, unknown> = {};
  for (const { camel, lower, setting } of settingNames) {
    if (!values.has(camel)) continue;
    const value = values.get(camel);
    if (options.withDefaults !== true && isSameValue(value, setting.default)) continue;
    shown[lower] = setting.secret === true ? maskSecret(value) : maskValue(value);
  }
  return shown;
}

/** The same as text, one line for each setting: `result_backend: "redis://********@host/0"`. */
export function humanize(settings: Settings, options: HumanizeOptions = {}): string {
  return Object.entries(maskSettings(settings, options))
    .map(([name, value]) => `${name}: ${typeof value === "number" ? value : JSON.stringify(value)}`)
    .join("\n");
}
