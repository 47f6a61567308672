/**
 * Reading of single header fields, each checked for type and range before anything acts on it.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import { showValue } from "./shape.js";

/** Headers that mean something to Celery or its transports; every other one is the sender's own. */
export const celeryHeaders: ReadonlySet<string> = new Set([
  "lang",
  "task",
  "id",
  "shadow",
  "eta",
  "expires",
  "group",
  "group_index",
  "retries",
  "timelimit",
  "root_id",
  "parent_id",
  "argsrepr",
  "kwargsrepr",
  "origin",
  "ignore_result",
  "replaced_task_nesting",
  "stamped_headers",
  "stamps",
  "compression",
  "redelivered",
]);

export type Fields = Readonly<Record<string, unknown>>;

const maxIdBytes = 255;
const maxRetries = 1_000_000;
const maxReprLength = 1_024;
/** Characters that end up in keys, logs and terminals; ids have no use for them. */
const control = /[\0-\x1f\x7f-\x9f\p{Surrogate}]/u;

/** Whether `value` may be a task id: it becomes part of keys, channels and file names. */
export function isTaskId(value: unknown): value is string {
  if (typeof value !== "string" || value === "" || value.length > maxIdBytes || control.test(value)) return false;
  // A UTF-16 unit is three bytes at most; only longer texts need counting.
  return value.length * 3 <= maxIdBytes || new TextEncoder().encode(value).length <= maxIdBytes;
}

/** @throws DecodeError `E_HEADER` */
export function idField(fields: Fields, name: string): string {
  const value = fields[name];
  if (isTaskId(value)) return value;
  throw fault(name, value, "text of 1 to 255 bytes without control characters");
}

/** @throws DecodeError `E_HEADER` */
export function optionalIdField(fields: Fields, name: string): string | null {
  const value = fields[name] ?? null;
  return value === null ? null : idField(fields, name);
}

/** @throws DecodeError `E_HEADER` */
export function textField(fields: Fields, name: string): string | null {
  const value = fields[name] ?? null;
  if (value === null || typeof value === "string") return value;
  throw fault(name, value, "text or null");
}

/** For people only: a wrong type is no reason to refuse the task. Cut at Celery's own length. */
export function reprField(fields: Fields, name: string): string | null {
  const value = fields[name];
  if (typeof value !== "string") return null;
  return value.length > maxReprLength + 64 ? `${value.slice(0, maxReprLength)}...` : value;
}

/** A count; texts of digits are taken too, null is 0. @throws DecodeError `E_HEADER` */
export function countField(fields: Fields, name: string): number {
  return wholeNumberField(fields, name, maxRetries) ?? 0;
}

/** @throws DecodeError `E_HEADER` */
export function wholeNumberField(fields: Fields, name: string, max: number): number | null {
  const value = fields[name] ?? null;
  if (value === null) return null;
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number <= max) return number;
  throw fault(name, value, `a whole number from 0 to ${max}`);
}

/** @throws DecodeError `E_HEADER` */
export function flagField(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value === "boolean") return value;
  if (value === 0 || value === 1) return value === 1;
  throw fault(name, value, "true, false or null");
}

/** `[hard, soft]` in seconds. @throws DecodeError `E_HEADER` */
export function timeLimitField(fields: Fields): readonly [number | null, number | null] {
  const value = fields.timelimit ?? null;
  if (value === null) return [null, null];
  if (Array.isArray(value) && value.length === 2) {
    const [hard, soft]: unknown[] = value;
    if (isLimit(hard) && isLimit(soft)) return [hard, soft];
  }
  throw fault("timelimit", value, "[hard, soft] in seconds, each a number from 0 or null");
}

function isLimit(value: unknown): value is number | null {
  return value === null || (typeof value === "number" && Number.isFinite(value) && value >= 0);
}

/** @throws DecodeError `E_HEADER` */
export function stampedHeadersField(fields: Fields): readonly string[] | null {
  const value = fields.stamped_headers ?? null;
  if (value === null) return null;
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  throw fault("stamped_headers", value, "a list of stamp names or null");
}

export function fault(name: string, value: unknown, fix: string): DecodeError {
  return new DecodeError(`The header "${name}" is ${showValue(value)}; it must be ${fix}.`, { code: "E_HEADER" });
}
