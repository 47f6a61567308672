/**
 * Values between JSON as Celery has it and BSON. The driver's own classes are known by their `_bsontype`, so that they may
 * come from any copy of it.
 * @module
 */
import { DecodeError } from "@celeriac/core/errors";
import { Decimal, PlainDate, PlainTime, Uuid } from "@celeriac/core/protocol";

/** MongoDB takes a hundred levels; a value stands some levels deep in its document. */
const DEEPEST_WRITTEN = 80;
const DEEPEST_READ = 250;
const INT32 = 2 ** 31;
const INT64 = 2n ** 63n;
const UUID_SUBTYPE = 4;

/**
 * A value of decoded JSON as the driver writes it without change; whole numbers stay whole.
 * @returns `undefined` when BSON cannot hold it, or not every server of MongoDB's takes it.
 */
export function toBson(value: unknown, depth = 0): { readonly value: unknown } | undefined {
  if (depth > DEEPEST_WRITTEN) return undefined;
  switch (typeof value) {
    case "string":
      return /\p{Surrogate}/u.test(value) ? undefined : { value };
    case "number":
      return { value: Number.isSafeInteger(value) && Math.abs(value) >= INT32 ? BigInt(value) : value };
    case "bigint":
      return value >= -INT64 && value < INT64 ? { value } : undefined;
    case "object":
      return objectToBson(value, depth);
    default:
      return { value };
  }
}

function objectToBson(value: object | null, depth: number): { readonly value: unknown } | undefined {
  if (value === null) return { value };
  if (value instanceof Date) return { value: new Date(value.getTime()) };
  if (value instanceof Uint8Array) return { value: Buffer.from(value) };
  if (value instanceof Decimal || value instanceof Uuid || value instanceof PlainDate || value instanceof PlainTime) {
    return { value: value.toString() };
  }
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) {
      const written = toBson(item, depth + 1);
      if (written === undefined) return undefined;
      items.push(written.value);
    }
    return { value: items };
  }
  const entries: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    const written = isFieldName(name) ? toBson(item, depth + 1) : undefined;
    if (written === undefined) return undefined;
    entries.push([name, written.value]);
  }
  return { value: Object.fromEntries(entries) };
}

/** Whether every server takes it as the name of a field: newer ones take dots and dollars too, in some places. */
export function isFieldName(name: string): boolean {
  return name !== "" && !/^\$|[.\0]|\p{Surrogate}/u.test(name);
}

/**
 * What the driver has read, as plain data: dates, bytes and UUIDs as they are, integers exact, and what JSON has no form for
 * as text.
 * @throws DecodeError `E_RESULT` when it nests deeper than MongoDB lets documents do.
 */
export function fromBson(value: unknown, depth = 0): unknown {
  if (depth > DEEPEST_READ) throw new DecodeError("A stored result nests too deep.", { code: "E_RESULT" });
  if (value === undefined || value === null) return null;
  if (typeof value === "bigint") return wholeNumber(value);
  if (typeof value !== "object") return value;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value;
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map((item) => fromBson(item, depth + 1));
  if ("_bsontype" in value && typeof value._bsontype === "string") return fromDriver(value, value._bsontype);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromBson(item, depth + 1)]));
}

/** A value of the driver's own classes. A document with a field of that name is none: its prototype is an object's. */
function fromDriver(value: object, type: string): unknown {
  if (Object.hasOwn(value, "_bsontype"))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fromBson(v)]));
  switch (type) {
    case "Long":
      return wholeNumber(BigInt(String(value)));
    case "Int32":
    case "Double":
      return Number(value);
    case "Decimal128":
      return new Decimal(String(value));
    case "Binary":
      return fromBinary(value);
    default:
      return String(value);
  }
}

function fromBinary(value: object): unknown {
  const bytes = binaryBytes(value) ?? new Uint8Array();
  const isUuid = "sub_type" in value && value.sub_type === UUID_SUBTYPE && bytes.length === 16;
  return isUuid ? new Uuid(Buffer.from(bytes).toString("hex")) : bytes;
}

/** The bytes of the driver's `Binary`; `undefined` for anything else. */
export function binaryBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  const isBinary = typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "Binary";
  if (!isBinary || !("buffer" in value) || !(value.buffer instanceof Uint8Array)) return undefined;
  const length = "position" in value && typeof value.position === "number" ? value.position : value.buffer.length;
  return new Uint8Array(value.buffer.subarray(0, length));
}

function wholeNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
