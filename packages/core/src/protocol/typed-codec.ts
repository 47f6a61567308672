/**
 * How typed values look inside JSON: `{"__type__": marker, "__value__": value}`, PROTOCOL 4.1.
 * @module
 */
import { decodeBase64, decodeUtf8, encodeBase64 } from "./bytes.js";
import { formatIsoUtc } from "./iso-time.js";
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "./typed-values.js";

/** One more kind of value that travels tagged, the counterpart of kombu's `register_type`. */
export interface TypedValueCodec {
  /** The `__type__` on the wire; both sides must know it, else the message cannot be read. */
  readonly marker: string;
  /** Whether this codec encodes `value`. Asked for objects only, before the built-in kinds. */
  matches(value: object): boolean;
  /** The `__value__`: anything that encodes by itself. */
  encode(value: object): unknown;
  /** Back from a `__value__`. Whatever it throws makes the text undecodable (`E_BODY`). */
  decode(value: unknown): unknown;
}

/** A value with its tag, or `undefined` when `value` is of no typed kind. */
export interface Tagged {
  readonly marker: string;
  readonly value: unknown;
}

/**
 * The tag of an object of a built-in kind.
 * @throws RangeError for an invalid `Date` or one outside the years 1 to 9999.
 */
export function tagOf(value: object): Tagged | undefined {
  if (value instanceof Date) return { marker: "datetime", value: isoTextOf(value) };
  if (value instanceof Uint8Array) return tagOfBytes(value);
  if (value instanceof PlainDate) return { marker: "date", value: value.toString() };
  if (value instanceof PlainTime) return { marker: "time", value: value.toString() };
  if (value instanceof Decimal) return { marker: "decimal", value: value.toString() };
  if (value instanceof Uuid) return { marker: "uuid", value: { hex: value.hex } };
  return undefined;
}

/**
 * The one-way text of kombu before 5.3, which nothing decodes back; `undefined` when `value` is of no typed kind.
 * @throws RangeError as `tagOf`, and for bytes, which that form cannot carry.
 */
export function plainTextOf(value: object): string | undefined {
  if (value instanceof Date) return isoTextOf(value).replace(/\+00:00$/, "Z");
  if (value instanceof PlainDate) return `${value.toString()}T00:00:00`;
  if (value instanceof PlainTime || value instanceof Decimal || value instanceof Uuid) return value.toString();
  if (value instanceof Uint8Array) {
    throw new RangeError('bytes have no form in typed: "text"; encode them as base64 text yourself');
  }
  return undefined;
}

/**
 * Rebuilds the value of a tag.
 * @throws RangeError for an unknown marker or a value that its kind cannot hold.
 */
export function decodeTagged(marker: unknown, value: unknown, extra: readonly TypedValueCodec[]): unknown {
  const codec = extra.find((candidate) => candidate.marker === marker);
  if (codec !== undefined) return codec.decode(value);
  switch (marker) {
    case "datetime":
      return new DateTime(textIn(value, "datetime"));
    case "date":
      // Python reads the date out of a whole datetime text as well.
      return new PlainDate(new DateTime(textIn(value, "date")).text.slice(0, 10));
    case "time":
      return new PlainTime(textIn(value, "time"));
    case "decimal":
      return new Decimal(textIn(value, "decimal"));
    case "uuid":
      return new Uuid(textIn(hexIn(value), "uuid"));
    case "bytes":
      return bytesOf(textIn(value, "bytes"));
    case "base64":
      return base64BytesOf(textIn(value, "base64"));
    default:
      throw new RangeError(`the __type__ ${describe(marker)} is not known; register a codec for it`);
  }
}

function isoTextOf(value: Date): string {
  return value instanceof DateTime ? value.text : formatIsoUtc(value.getTime());
}

function tagOfBytes(bytes: Uint8Array): Tagged {
  const text = decodeUtf8(bytes);
  return text === undefined ? { marker: "base64", value: encodeBase64(bytes) } : { marker: "bytes", value: text };
}

function bytesOf(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError("the bytes text holds a lone surrogate");
  return new TextEncoder().encode(text);
}

function base64BytesOf(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw new RangeError("the base64 text is malformed");
  return new Uint8Array(bytes);
}

function textIn(value: unknown, marker: string): string {
  if (typeof value !== "string")
    throw new RangeError(`the __value__ of a ${marker} must be text, not ${describe(value)}`);
  return value;
}

function hexIn(value: unknown): unknown {
  return typeof value === "object" && value !== null && "hex" in value ? value.hex : value;
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return value === null ? "null" : typeof value;
}
