import { ConfigError, type ConfigIssue } from "../errors/config-error.js";
import { readSettings } from "./read-settings.js";
import { readText } from "./read-text.js";
import { findSetting, suggestSetting } from "./setting-names.js";
import type { SettingsInput } from "./settings.js";

/** Only these are ours to read: `REDIS_HOST` or `DATABASE_URL` belong to whoever set them. */
const OUR_VARIABLE = /^(?:CELERY_|CELERYD_|CELERYBEAT_|BROKER_)/;

/**
 * Reads settings from environment variables: `CELERY_` with the upper-cased name (`CELERY_RESULT_BACKEND`,
 * `CELERY_WORKER_CONCURRENCY`), Celery 3's names (`CELERYD_CONCURRENCY`), and `BROKER_URL` with its companions. Values of
 * lists, records and the like are JSON; a list may also be texts with commas between. An empty variable counts as unset.
 * Variables that name no setting are left alone (Celery's own scripts have many), unless they look like a slip.
 * @returns Checked settings by camelCase name, to be spread over those of a file.
 * @throws ConfigError naming each wrong variable.
 */
export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): SettingsInput {
  const issues: ConfigIssue[] = [];
  const input: Record<string, unknown> = {};
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || text.trim() === "" || !OUR_VARIABLE.test(variable)) continue;
    const found = findSetting(variable);
    if (found === undefined) {
      const near = suggestSetting(variable);
      if (near !== undefined && isSlip(variable, near)) {
        issues.push({ key: variable, message: `There is no such setting. Did you mean ${near}?` });
      }
      continue;
    }
    const reading = readText(found[0].setting, text);
    if ("problem" in reading) issues.push({ key: variable, message: reading.problem });
    else input[variable] = reading.value;
  }
  const { values, issues: more } = readSettings(input);
  const all = [...issues, ...more];
  if (all.length > 0) throw new ConfigError(all);
  return Object.fromEntries(values);
}

/** Variables of Celery's scripts and command line that resemble settings. */
const NOT_SLIPS: ReadonlySet<string> = new Set([
  "CELERY_APP",
  "CELERY_BIN",
  "CELERY_BROKER",
  "CELERY_CONFIG",
  "CELERY_CONFIG_MODULE",
  "CELERY_LOADER",
  "CELERY_LOG_FILE",
  "CELERY_LOG_LEVEL",
  "CELERY_NO_COLOR",
  "CELERY_QUIET",
  "CELERY_SKIP_CHECKS",
  "CELERY_WORKDIR",
  "CELERYD_LOG_FILE",
  "CELERYD_LOG_LEVEL",
  "CELERYD_PID_FILE",
  "CELERYD_NODES",
  "CELERYD_OPTS",
  "CELERYD_CHDIR",
  "CELERYD_USER",
  "CELERYD_GROUP",
  "CELERYD_MULTI",
  "CELERYBEAT_CHDIR",
  "CELERYBEAT_OPTS",
  "CELERYBEAT_LOG_FILE",
  "CELERYBEAT_PID_FILE",
]);

/** Long enough that the likeness is no accident. */
function isSlip(variable: string, near: string): boolean {
  return !NOT_SLIPS.has(variable) && Math.min(variable.length, near.length) >= 9;
}
