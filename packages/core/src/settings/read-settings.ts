import type { ConfigIssue } from "../errors/config-error.js";
import { readSetting } from "./read-setting.js";
import { isSameValue } from "./same-value.js";
import { findSetting, type SettingName, type SettingStyle, suggestSetting } from "./setting-names.js";

/** Everything that was read, right or wrong. Values are keyed by camelCase name; foreign ones are dropped. */
export interface SettingsReading {
  readonly values: ReadonlyMap<string, unknown>;
  readonly issues: readonly ConfigIssue[];
  readonly warnings: readonly string[];
}

interface Given {
  readonly spelling: string;
  readonly style: SettingStyle;
  readonly name: SettingName;
  readonly value: unknown;
}

/** Checks the given settings without applying defaults. `undefined` counts as not given. Never throws. */
export function readSettings(input: Readonly<Record<string, unknown>>, source?: string): SettingsReading {
  const label = (spelling: string): string => (source === undefined ? spelling : `${spelling} (${source})`);
  const issues: ConfigIssue[] = [];
  const warnings: string[] = [];
  const values = new Map<string, unknown>();
  const given: Given[] = [];
  for (const [spelling, raw] of Object.entries(input)) {
    if (raw === undefined) continue;
    const found = findSetting(spelling);
    if (found === undefined) {
      issues.push({ key: label(spelling), message: unknownMessage(spelling) });
      continue;
    }
    const [name, style] = found;
    const reading = readSetting(name.setting, raw);
    if ("problem" in reading) issues.push({ key: label(spelling), message: reading.problem });
    else given.push({ spelling, style, name, value: reading.value });
  }
  const firstOf = new Map<SettingName, Given>();
  for (const entry of given) {
    const first = firstOf.get(entry.name);
    if (first !== undefined) {
      if (!isSameValue(first.value, entry.value))
        issues.push({ key: label(entry.spelling), message: twice(first, entry) });
      continue;
    }
    firstOf.set(entry.name, entry);
    if (entry.name.setting.use === "foreign") warnings.push(`${label(entry.spelling)} ${FOREIGN_WARNING}`);
    else values.set(entry.name.camel, entry.value);
  }
  issues.push(...mixIssues(given, label));
  return { values, issues, warnings };
}

const FOREIGN_WARNING =
  "has no effect: only Python, or a store that Celeriac has no adapter for, has a use for it. Remove it here.";

function unknownMessage(spelling: string): string {
  const near = suggestSetting(spelling);
  return near === undefined ? "There is no such setting." : `There is no such setting. Did you mean ${near}?`;
}

function twice(first: Given, second: Given): string {
  return `${second.spelling} and ${first.spelling} are the same setting but differ in value; keep one of them.`;
}

/**
 * Celery refuses a file with settings of both generations, unless each odd one has its counterpart beside it. The
 * majority decides which style is right. Names with the prefix belong to neither.
 */
function mixIssues(given: readonly Given[], label: (spelling: string) => string): readonly ConfigIssue[] {
  const old = given.filter((entry) => entry.style === "old");
  const modern = given.filter((entry) => entry.style === "lower" || entry.style === "camel");
  const [kept, odd] = old.length > modern.length ? [old, modern] : [modern, old];
  const example = kept[0];
  if (example === undefined) return [];
  const covered = new Set(kept.map((entry) => entry.name));
  return odd
    .filter((entry) => !covered.has(entry.name))
    .map((entry) => ({
      key: label(entry.spelling),
      message: `Old and new names of settings cannot be mixed: rename ${entry.spelling} to ${entry.name[example.style]}, in the style of ${example.spelling}.`,
    }));
}
