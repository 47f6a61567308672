/**
 * The values of Python's `datetime` module, which pickles as packed bytes.
 * @module
 */
import { DateTime, PlainDate, PlainTime } from "@celeriac/core/protocol";
import type { PyCall, PyValue } from "../machine/nodes.js";
import { TimeDelta } from "../time-delta.js";
import type { Builder } from "./builder.js";
import { Part } from "./part.js";
import type { GlobalRules } from "./rule.js";
import type { WallTime, Zone } from "./zone.js";

const foldBit = 0x80;

/** Dates, times and lengths of time. */
export const timeRules: GlobalRules = [
  ["datetime:datetime", { construct: dateTime }],
  ["datetime:date", { construct: date }],
  ["datetime:time", { construct: time }],
  ["datetime:timedelta", { construct: timeDelta }],
];

function dateTime({ args }: PyCall, builder: Builder): DateTime {
  const bytes = packed(args[0], 10, builder);
  const [zone, month] = [zoneOf(args[1], builder), (bytes[2] ?? 0) & ~foldBit];
  const naive = `${dateText(bytes, month)}T${clockText(bytes.subarray(4), bytes[4] ?? 0)}`;
  if (zone === undefined) return new DateTime(naive);
  const fold = (bytes[2] ?? 0) & foldBit ? 1 : 0;
  const wall: WallTime = { ms: new DateTime(naive).getTime(), fold };
  return new DateTime(naive + offsetText(zone.offsetAt(wall)));
}

function date({ args }: PyCall, builder: Builder): PlainDate {
  const bytes = packed(args[0], 4, builder);
  return new PlainDate(dateText(bytes, bytes[2] ?? 0));
}

function time({ args }: PyCall, builder: Builder): PlainTime {
  const bytes = packed(args[0], 6, builder);
  const zone = zoneOf(args[1], builder);
  return new PlainTime(clockText(bytes, (bytes[0] ?? 0) & ~foldBit) + offsetText(zone?.offsetAt(undefined)));
}

function timeDelta({ args }: PyCall, builder: Builder): TimeDelta {
  const [days, seconds, microseconds] = [0, 1, 2].map((index) => {
    const number = builder.value(args[index] ?? 0);
    if (typeof number !== "number") throw new RangeError("a length of time is not a number");
    return number;
  });
  return new TimeDelta(days ?? 0, seconds, microseconds);
}

function packed(source: PyValue | undefined, length: number, builder: Builder): Uint8Array {
  const bytes = builder.value(source ?? null);
  if (!(bytes instanceof Uint8Array) || bytes.length !== length)
    throw new RangeError(`it takes ${length} packed bytes`);
  return bytes;
}

function zoneOf(source: PyValue | undefined, builder: Builder): Zone | undefined {
  if (source === undefined || source === null) return undefined;
  const part = builder.part(source);
  if (!(part instanceof Part) || part.of.kind !== "zone") throw new RangeError("it takes a time zone");
  return part.of.zone;
}

function dateText(bytes: Uint8Array, month: number): string {
  const year = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(bytes[3] ?? 0, 2)}`;
}

/** @param bytes - Hour, minute, second and three bytes of microseconds. */
function clockText(bytes: Uint8Array, hour: number): string {
  const [, minute = 0, second = 0, high = 0, middle = 0, low = 0] = bytes;
  const microsecond = high * 65_536 + middle * 256 + low;
  if (microsecond > 999_999) throw new RangeError("a second has more than 999,999 microseconds");
  const fraction = microsecond === 0 ? "" : `.${pad(microsecond, 6)}`;
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${fraction}`;
}

function offsetText(offsetSeconds: number | undefined): string {
  if (offsetSeconds === undefined) return "";
  const size = Math.abs(offsetSeconds);
  const seconds = size % 60 === 0 ? "" : `:${pad(size % 60, 2)}`;
  return `${offsetSeconds < 0 ? "-" : "+"}${pad(Math.floor(size / 3600), 2)}:${pad(Math.floor(size / 60) % 60, 2)}${seconds}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
