import { DurationError, parseDuration } from "./duration.js";
import { maskSecret, maskValue } from "./mask.js";
import { isPlainRecord, readRetryPolicy, readRoutesShape } from "./read-structure.js";
import type { AnySetting, SettingType } from "./setting.js";

/** The value as the engine sees it, or what is wrong with it. */
export type Reading = { readonly value: unknown } | { readonly problem: string };

type Reader = (value: unknown, setting: AnySetting) => Reading | undefined;

/** Checks one value against its row. `undefined` never comes here: it means "not given". */
export function readSetting(setting: AnySetting, value: unknown): Reading {
  if (value === null && setting.nullable) return { value: null };
  const reading = READERS[setting.type](value, setting);
  return reading ?? { problem: `must be ${expectation(setting)}, got ${show(setting, value)}.` };
}

const READERS: Readonly<Record<SettingType, Reader>> = {
  boolean: (value) => (typeof value === "boolean" ? { value } : undefined),
  string: (value) => (typeof value === "string" ? { value } : undefined),
  integer: (value, setting) => (Number.isSafeInteger(value) ? inRange(value, setting) : undefined),
  number: (value, setting) => (typeof value === "number" && !Number.isNaN(value) ? inRange(value, setting) : undefined),
  seconds: readSeconds,
  url: (value) => (typeof value === "string" && value.trim() !== "" ? { value: value.trim() } : undefined),
  urls: readUrls,
  list: (value) => {
    const items = typeof value === "string" ? [value] : value instanceof Set ? [...value] : value;
    return isTextList(items) ? { value: Object.freeze([...items]) } : undefined;
  },
  record: (value) => (isPlainRecord(value) ? { value: Object.freeze({ ...value }) } : undefined),
  records: (value) =>
    isPlainRecord(value) || (Array.isArray(value) && value.every(isPlainRecord)) ? { value } : undefined,
  choice: (value, setting) => (setting.values?.some((allowed) => allowed === value) ? { value } : undefined),
  rate: (value) => {
    if (typeof value === "number") return value >= 0 && Number.isFinite(value) ? { value } : undefined;
    return typeof value === "string" && /^\d+(?:\.\d+)?(?:\/[smh])?$/.test(value) ? { value } : undefined;
  },
  timezone: (value) => (typeof value === "string" && isTimezone(value) ? { value } : undefined),
  tls: (value) => (typeof value === "boolean" || isPlainRecord(value) ? { value } : undefined),
  "delivery-mode": (value) => {
    if (value === 1 || value === "transient") return { value: 1 };
    return value === 2 || value === "persistent" ? { value: 2 } : undefined;
  },
  owner: (value) => (typeof value === "string" || Number.isSafeInteger(value) ? { value } : undefined),
  "retry-policy": readRetryPolicy,
  queues: (value) => (Array.isArray(value) || isPlainRecord(value) ? { value } : undefined),
  routes: readRoutesShape,
};

function inRange(value: unknown, { min, max }: AnySetting): Reading | undefined {
  const number = Number(value);
  return number >= (min ?? number) && number <= (max ?? number) ? { value: number } : undefined;
}

function readSeconds(value: unknown, setting: AnySetting): Reading | undefined {
  if (typeof value !== "number" && typeof value !== "string") return undefined;
  try {
    return inRange(parseDuration(value), setting);
  } catch (error) {
    if (error instanceof DurationError) return undefined;
    throw error;
  }
}

/** Celery and kombu also take several URLs in one text, with semicolons between them. */
function readUrls(value: unknown): Reading | undefined {
  const texts = typeof value === "string" ? value.split(/;(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i) : value;
  if (!isTextList(texts) || texts.length === 0) return undefined;
  const found = texts.map((text) => text.trim());
  if (found.includes("")) return undefined;
  return { value: found.length === 1 ? found[0] : Object.freeze(found) };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const EXPECTATIONS: Readonly<Record<SettingType, string>> = {
  boolean: "true or false",
  string: "a text",
  integer: "a whole number",
  number: "a number",
  seconds: 'seconds as a number, or a text like "5s", "500ms", "1h30m"',
  url: "a URL",
  urls: "a URL or a list of URLs",
  list: "a list of texts",
  record: "a record",
  records: "a record or a list of records",
  choice: "one of",
  rate: 'tasks a second as a number, or a text like "10/s", "100/m", "500/h"',
  timezone: 'the name of a time zone, like "UTC" or "Europe/Paris"',
  tls: "true, false or a record of TLS options",
  "delivery-mode": '1 ("transient") or 2 ("persistent")',
  owner: "a name or a number",
  "retry-policy": "a record of maxRetries, intervalStart, intervalMax, intervalStep, each a number from 0 up",
  queues: "a list of queues or a record of queues by name",
  routes: "a record of routes by task name, a Map, a function, or a list of these",
};

function expectation({ type, values, min, max, unit, nullable }: AnySetting): string {
  const choices = values?.map((value) => JSON.stringify(value)).join(", ");
  const parts = [choices === undefined ? EXPECTATIONS[type] : `${EXPECTATIONS[type]} ${choices}`];
  if (unit !== undefined && unit !== "seconds") parts.push(`of ${unit}`);
  if (min !== undefined && min !== 0) parts.push(`from ${min}`);
  if (min === 0) parts.push("not below 0");
  if (max !== undefined) parts.push(`up to ${max}`);
  return parts.join(" ") + (nullable ? ", or null" : "");
}

function show(setting: AnySetting, value: unknown): string {
  const shown = setting.secret === true ? maskSecret(value) : maskValue(value);
  let text: string;
  try {
    text = (typeof shown === "number" ? undefined : JSON.stringify(shown)) ?? String(shown);
  } catch {
    text = typeof shown;
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
