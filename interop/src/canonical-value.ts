/**
 * A form of values that both sides can print and compare: what JSON cannot say is `{"$type": name, "value": text}`.
 * Deliberately not the wire's own tagging, because it must show which type a value really had on arrival. The other half
 * is `python/celeriac_peer/values.py`.
 * @module
 */
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "@celeriac/core";

/** The canonical form of a value of ours. */
export function showValue(value: unknown): unknown {
  if (typeof value === "bigint") return tagged("int", String(value));
  if (value instanceof DateTime) return tagged("datetime", value.text);
  if (value instanceof PlainDate) return tagged("date", String(value));
  if (value instanceof PlainTime) return tagged("time", String(value));
  if (value instanceof Decimal) return tagged("decimal", String(value));
  if (value instanceof Uuid) return tagged("uuid", String(value));
  if (value instanceof Uint8Array) return tagged("bytes", Buffer.from(value).toString("base64"));
  if (Array.isArray(value)) return value.map(showValue);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, showValue(item)]));
  }
  return value;
}

/** One value of every kind that a JSON message can carry; `every_type` in `python/celeriac_peer/tasks.py` is its twin. */
export function everyType(): Readonly<Record<string, unknown>> {
  return {
    null: null,
    true: true,
    integer: -42,
    float: 0.1,
    big: 2n ** 70n,
    beyond_double: 2n ** 53n + 1n,
    unicode: "snowman ☃, 😀, håå®ƒ",
    empty: ["", [], {}],
    nested: { a: [1, { b: [2.5, null] }] },
    datetime_utc: new DateTime("2024-02-29T12:34:56.789012+00:00"),
    datetime_naive: new DateTime("2024-02-29T12:34:56"),
    date: new PlainDate("2024-02-29"),
    time: new PlainTime("12:34:56.789012"),
    decimal: new Decimal("3.140"),
    uuid: new Uuid("12345678-1234-5678-1234-567812345678"),
    text_bytes: new TextEncoder().encode("café"),
    raw_bytes: Uint8Array.of(0x00, 0xff, 0xfe, 0x80),
  };
}

function tagged(type: string, value: string): { readonly $type: string; readonly value: string } {
  return { $type: type, value };
}
