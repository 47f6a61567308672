/**
 * The spellings of a setting. `resultExpires` is `result_expires` in Celery, was `CELERY_TASK_RESULT_EXPIRES` in
 * Celery 3, and is `CELERY_RESULT_EXPIRES` where all names carry the prefix (Django settings, environment variables).
 * @see celery/app/defaults.py
 * @module
 */
import { nearest } from "./nearest.js";
import type { AnySetting } from "./setting.js";
import { settingsTable } from "./settings.js";

export type SettingStyle = "camel" | "lower" | "old" | "prefixed";

export interface SettingName {
  readonly camel: string;
  readonly lower: string;
  readonly old: string;
  readonly prefixed: string;
  readonly setting: AnySetting;
}

/** Name spaces whose settings were renamed in Celery 4, with what their names began with before. */
const OLD_PREFIXES: readonly (readonly [space: string, before: string])[] = [
  ["task_", "CELERY_"],
  ["worker_", "CELERYD_"],
  ["beat_", "CELERYBEAT_"],
];
/** Name spaces whose settings only had the prefix. */
const PREFIXED_SPACES = /^(?:cache|couchbase|arangodb|mongodb|event|redis|result|elasticsearch|security)_/;

/** `taskAcksLate` to `task_acks_late`. */
export function toLowerCaseName(camel: string): string {
  return camel.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function oldName(lower: string): string {
  for (const [space, before] of OLD_PREFIXES) {
    if (lower.startsWith(space)) return before + lower.slice(space.length).toUpperCase();
  }
  return (PREFIXED_SPACES.test(lower) ? "CELERY_" : "") + lower.toUpperCase();
}

/** Every setting with its names, in table order. */
export const settingNames: readonly SettingName[] = Object.entries<AnySetting>(settingsTable).map(
  ([camel, setting]): SettingName => {
    const lower = toLowerCaseName(camel);
    return { camel, lower, old: setting.old ?? oldName(lower), prefixed: `CELERY_${lower.toUpperCase()}`, setting };
  },
);

// Later entries win: a name that is both old and prefixed (CELERY_RESULT_BACKEND) counts as old, as in Celery.
const bySpelling: ReadonlyMap<string, readonly [SettingName, SettingStyle]> = new Map(
  (["prefixed", "old", "lower", "camel"] as const).flatMap((style) =>
    settingNames.map((name) => [name[style], [name, style] as const] as const),
  ),
);

/** The setting that a spelling means, and the style it is written in. */
export function findSetting(spelling: string): readonly [name: SettingName, style: SettingStyle] | undefined {
  return bySpelling.get(spelling);
}

/** Guesses what an unknown spelling was meant to be, in the style it was written in. */
export function suggestSetting(spelling: string): string | undefined {
  const styles: readonly SettingStyle[] = /^[A-Z0-9_]+$/.test(spelling)
    ? ["old", "prefixed"]
    : [spelling.includes("_") ? "lower" : "camel"];
  const near = nearest(
    spelling,
    styles.flatMap((style) => settingNames.map((name) => name[style])),
  );
  return near ?? suggestByEnding(spelling, styles[0] ?? "camel");
}

/** `concurrency` means `workerConcurrency`, if there is just one that ends so. */
function suggestByEnding(spelling: string, style: SettingStyle): string | undefined {
  const ending = `_${toLowerCaseName(spelling).toLowerCase()}`;
  const matches = settingNames.filter((name) => name.lower.endsWith(ending));
  return matches.length === 1 ? matches[0]?.[style] : undefined;
}
