/**
 * Makes the values of an entity the same on every database and driver.
 * @module
 */
import type { ValueTransformer } from "typeorm";
import { readBytes, readDateMs, readNumber } from "../dialect/read-value.js";

/** Drivers return 64 bits as text, or as number. */
export const wholeNumber: ValueTransformer = {
  from: (value: unknown) => readNumber(value) ?? null,
  to: (value: unknown) => value,
};

/** Drivers know bytes as Buffer, libsql as ArrayBuffer too. */
export const bytes: ValueTransformer = {
  from: (value: unknown) => bufferOf(value),
  to: (value: unknown) => bufferOf(value),
};

/** What a driver takes a date without a zone for. */
export interface DateZones {
  readonly read: "local" | "Z";
  readonly written: "local" | "Z";
}

/**
 * Dates in these tables have no zone and are UTC. A driver that takes them for local time gives another moment, which is put
 * right here; not in the hour that a change to summer time leaves out, for which local time has no name.
 */
export function naiveDate({ read, written }: DateZones): ValueTransformer {
  return {
    from: (value: unknown) => (value instanceof Date && read === "local" ? fromLocal(value) : dateOf(value)),
    to: (value: unknown) => (value instanceof Date && written === "local" ? toLocal(value) : value),
  };
}

function bufferOf(value: unknown): Buffer | null {
  const found = readBytes(value);
  if (found === undefined) return null;
  return Buffer.isBuffer(found) ? found : Buffer.from(found.buffer, found.byteOffset, found.byteLength);
}

function dateOf(value: unknown): Date | null {
  if (value instanceof Date) return value;
  const ms = readDateMs(value);
  return ms === undefined ? null : new Date(ms);
}

/** The moment whose UTC reads as this one does in local time. */
function fromLocal(date: Date): Date {
  const day = [date.getFullYear(), date.getMonth(), date.getDate()] as const;
  return new Date(Date.UTC(...day, date.getHours(), date.getMinutes(), date.getSeconds(), date.getMilliseconds()));
}

function toLocal(date: Date): Date {
  const day = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()] as const;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds(), date.getUTCMilliseconds()] as const;
  return new Date(...day, ...time);
}
