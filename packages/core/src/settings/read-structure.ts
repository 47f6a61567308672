import type { Reading } from "./read-setting.js";

/** An object that is a plain record of values, not an array, Map, date or instance of some class. */
export function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

const POLICY_NAMES: ReadonlyMap<string, string> = new Map([
  ["maxRetries", "maxRetries"],
  ["max_retries", "maxRetries"],
  ["intervalStart", "intervalStart"],
  ["interval_start", "intervalStart"],
  ["intervalMax", "intervalMax"],
  ["interval_max", "intervalMax"],
  ["intervalStep", "intervalStep"],
  ["interval_step", "intervalStep"],
]);
/** Members of Celery's policy that hold Python objects; kombu's own classes, of no use here. */
const FOREIGN_POLICY_NAMES: ReadonlySet<string> = new Set(["retry_errors", "errback"]);

/** A partial policy is completed from the default, whose members are those of Celery. */
export function readRetryPolicy(value: unknown, setting: { readonly default: unknown }): Reading | undefined {
  if (!isPlainRecord(value)) return undefined;
  const policy: Record<string, unknown> = { ...(isPlainRecord(setting.default) ? setting.default : {}) };
  for (const [key, member] of Object.entries(value)) {
    if (FOREIGN_POLICY_NAMES.has(key)) continue;
    const name = POLICY_NAMES.get(key);
    const isLimitless = name === "maxRetries" && member === null;
    const isNumber = typeof member === "number" && member >= 0;
    if (name === undefined || !(isLimitless || isNumber)) return undefined;
    policy[name] = isLimitless ? Number.POSITIVE_INFINITY : member;
  }
  return { value: Object.freeze(policy) };
}

/** Only the outer shape: the router names the entry that is wrong. */
export function readRoutesShape(value: unknown): Reading | undefined {
  if (typeof value === "string") {
    return {
      problem: `names a Python router (${JSON.stringify(value.slice(0, 60))}); give a function or a record of routes.`,
    };
  }
  const isRoutes = typeof value === "function" || value instanceof Map || Array.isArray(value) || isPlainRecord(value);
  return isRoutes ? { value } : undefined;
}
