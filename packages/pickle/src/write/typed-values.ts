/**
 * Values that are calls in Python's pickles: dates, decimals, UUIDs.
 * @module
 */
import { DateTime, Decimal, formatIsoUtc, PlainDate, PlainTime, parseIsoTime, Uuid } from "@celeriac/core/protocol";
import { op } from "../machine/opcodes.js";
import { TimeDelta } from "../time-delta.js";
import type { Emitter } from "./emitter.js";

/**
 * Writes `value` when it is of a typed kind and says whether it was.
 * @throws RangeError for an invalid `Date` or one outside the years 1 to 9999.
 */
export function writeTyped(value: object, emitter: Emitter): boolean {
  if (value instanceof Uint8Array) emitter.bytes(value);
  else if (value instanceof Date) writeDateTime(value, emitter);
  else if (value instanceof PlainDate) writeDate(value, emitter);
  else if (value instanceof PlainTime) writeTime(value, emitter);
  else if (value instanceof TimeDelta) writeTimeDelta(value, emitter);
  else if (value instanceof Decimal) writeDecimal(value, emitter);
  else if (value instanceof Uuid) writeUuid(value, emitter);
  else return false;
  return true;
}

/** A time as its text says it, in the years, hours and microseconds of its own offset. */
interface Fields {
  readonly wall: Date;
  readonly microsecond: number;
  readonly offsetSeconds: number | undefined;
}

function fieldsOf(isoText: string): Fields {
  const time = parseIsoTime(isoText);
  if (time === undefined) throw new RangeError("it is not a time that Python can hold");
  const { epochMs, microsecond, offsetSeconds } = time;
  return { wall: new Date(epochMs + (offsetSeconds ?? 0) * 1000), microsecond, offsetSeconds };
}

function writeDateTime(value: Date, emitter: Emitter): void {
  const fields = fieldsOf(value instanceof DateTime ? value.text : formatIsoUtc(value.getTime()));
  emitter.global("datetime", "datetime");
  emitter.bytes(Uint8Array.from([...dateBytes(fields.wall), ...clockBytes(fields)]));
  writeZonedCall(fields, emitter);
}

function writeDate(value: PlainDate, emitter: Emitter): void {
  emitter.global("datetime", "date");
  emitter.bytes(Uint8Array.from(dateBytes(fieldsOf(value.toString()).wall)));
  emitter.opcode(op.TUPLE1);
  emitter.opcode(op.REDUCE);
}

function writeTime(value: PlainTime, emitter: Emitter): void {
  const fields = fieldsOf(`1970-01-02T${value.toString()}`);
  emitter.global("datetime", "time");
  emitter.bytes(Uint8Array.from(clockBytes(fields)));
  writeZonedCall(fields, emitter);
}

function writeZonedCall({ offsetSeconds }: Fields, emitter: Emitter): void {
  if (offsetSeconds === undefined) {
    emitter.opcode(op.TUPLE1);
  } else {
    emitter.global("datetime", "timezone");
    writeTimeDelta(new TimeDelta(0, offsetSeconds), emitter);
    emitter.opcode(op.TUPLE1);
    emitter.opcode(op.REDUCE);
    emitter.opcode(op.TUPLE2);
  }
  emitter.opcode(op.REDUCE);
}

function writeTimeDelta(value: TimeDelta, emitter: Emitter): void {
  emitter.global("datetime", "timedelta");
  emitter.integer(value.days);
  emitter.integer(value.seconds);
  emitter.integer(value.microseconds);
  emitter.opcode(op.TUPLE3);
  emitter.opcode(op.REDUCE);
}

function writeDecimal(value: Decimal, emitter: Emitter): void {
  emitter.global("decimal", "Decimal");
  emitter.text(value.toString());
  emitter.opcode(op.TUPLE1);
  emitter.opcode(op.REDUCE);
}

function writeUuid(value: Uuid, emitter: Emitter): void {
  emitter.global("uuid", "UUID");
  emitter.opcode(op.EMPTY_TUPLE);
  emitter.opcode(op.NEWOBJ);
  emitter.opcode(op.EMPTY_DICT);
  emitter.key("int");
  emitter.bigInteger(BigInt(`0x${value.hex}`));
  emitter.opcode(op.SETITEM);
  emitter.opcode(op.BUILD);
}

function dateBytes(wall: Date): readonly number[] {
  const year = wall.getUTCFullYear();
  return [year >> 8, year & 0xff, wall.getUTCMonth() + 1, wall.getUTCDate()];
}

function clockBytes({ wall, microsecond }: Fields): readonly number[] {
  const clock = [wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds()];
  return [...clock, microsecond >> 16, (microsecond >> 8) & 0xff, microsecond & 0xff];
}
