/**
 * ISO 8601 texts as Python's `isoformat` writes them and as `eta` and `expires` carry them, read by hand in linear time.
 * @module
 */

/** An instant as its text says it. */
export interface IsoTime {
  /** Whole milliseconds since 1970; finer digits are cut off. A text without offset is read as UTC. */
  readonly epochMs: number;
  /** The full fraction in microseconds, 0 to 999,999. */
  readonly microsecond: number;
  /** Seconds east of UTC, `undefined` when the text gives no offset. */
  readonly offsetSeconds: number | undefined;
}

/** A time of day. */
export interface IsoClock {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly offsetSeconds: number | undefined;
}

const dayMs = 86_400_000;
const firstInstant = -62_135_596_800_000; // 0001-01-01T00:00:00Z
const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * Reads `YYYY-MM-DD` or `YYYYMMDD`, alone or followed by `T` or a space and a time with optional seconds, fraction (1 to 9
 * digits) and offset (`Z`, `±HH`, `±HHMM`, `±HH:MM`, `±HH:MM:SS`). Years 1 to 9999, no leap seconds: what Python can hold.
 * @returns `undefined` for anything else.
 */
export function parseIsoTime(text: string): IsoTime | undefined {
  const reader = new Reader(text);
  const days = readDate(reader);
  if (days === undefined) return undefined;
  if (reader.atEnd) return { epochMs: days * dayMs, microsecond: 0, offsetSeconds: undefined };
  if (!reader.take("T") && !reader.take("t") && !reader.take(" ")) return undefined;
  const clock = readClock(reader);
  if (clock === undefined || !reader.atEnd) return undefined;
  const seconds = clock.hour * 3600 + clock.minute * 60 + clock.second - (clock.offsetSeconds ?? 0);
  return {
    epochMs: days * dayMs + seconds * 1000 + Math.floor(clock.microsecond / 1000),
    microsecond: clock.microsecond,
    offsetSeconds: clock.offsetSeconds,
  };
}

/** Whether `text` is a calendar date `YYYY-MM-DD` that exists. */
export function isIsoDate(text: string): boolean {
  const reader = new Reader(text);
  return text.length === 10 && readDate(reader) !== undefined && reader.atEnd;
}

/** Reads a time of day as Python's `time.isoformat` writes it; `undefined` for anything else. */
export function parseIsoClock(text: string): IsoClock | undefined {
  const reader = new Reader(text);
  const clock = readClock(reader);
  return clock !== undefined && reader.atEnd ? clock : undefined;
}

/**
 * The instant in UTC as Python writes an aware datetime: `2037-05-17T08:30:15.123000+00:00`, without fraction when it is
 * zero.
 * @throws RangeError when the instant is not a number or outside the years 1 to 9999.
 */
export function formatIsoUtc(epochMs: number): string {
  if (!(epochMs >= firstInstant && epochMs <= lastInstant)) {
    throw new RangeError(`${epochMs} ms since 1970 is outside the years 1 to 9999 that Python's datetime can hold.`);
  }
  const text = new Date(epochMs).toISOString();
  const fraction = text.slice(19, 23);
  return fraction === ".000" ? `${text.slice(0, 19)}+00:00` : `${text.slice(0, 19)}${fraction}000+00:00`;
}

function readDate(reader: Reader): number | undefined {
  const year = reader.digits(4);
  const isExtended = reader.take("-");
  const month = reader.digits(2);
  if (isExtended && !reader.take("-")) return undefined;
  const day = reader.digits(2);
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month))) return undefined;
  return daysFromCivil(year, month, day);
}

function readClock(reader: Reader): IsoClock | undefined {
  const hour = reader.digits(2);
  let minute = 0;
  let second = 0;
  let microsecond = 0;
  const isExtended = reader.take(":");
  if (isExtended || reader.isDigit) {
    minute = reader.digits(2);
    if (isExtended ? reader.take(":") : reader.isDigit) {
      second = reader.digits(2);
      if (reader.take(".") || reader.take(",")) microsecond = reader.fraction();
    }
  }
  const offsetSeconds = readOffset(reader);
  const isValid = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
  if (!isValid || microsecond < 0 || Number.isNaN(offsetSeconds)) return undefined;
  return { hour, minute, second, microsecond, offsetSeconds };
}

/** Seconds east of UTC, `undefined` when there is no offset, NaN when it is malformed. */
function readOffset(reader: Reader): number | undefined {
  if (reader.take("Z") || reader.take("z")) return 0;
  const sign = reader.take("+") ? 1 : reader.take("-") ? -1 : 0;
  if (sign === 0) return undefined;
  const hours = reader.digits(2);
  let minutes = 0;
  let seconds = 0;
  if (reader.take(":")) {
    minutes = reader.digits(2);
    // Python writes seconds for the local mean times of old dates: +00:19:32.
    if (reader.take(":")) seconds = reader.digits(2);
  } else if (reader.isDigit) {
    minutes = reader.digits(2);
  }
  const isValid = hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 && seconds >= 0 && seconds <= 59;
  return isValid ? sign * (hours * 3600 + minutes * 60 + seconds) : Number.NaN;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1970 of a proleptic Gregorian date; `Date.UTC` reads the years 0 to 99 as 1900 to 1999. */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  get isDigit(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    return code >= 48 && code <= 57;
  }

  take(letter: string): boolean {
    if (this.#text[this.#at] !== letter) return false;
    this.#at += 1;
    return true;
  }

  /** Exactly `count` digits as a number, NaN when they are not there. */
  digits(count: number): number {
    let value = 0;
    for (let read = 0; read < count; read += 1) {
      if (!this.isDigit) return Number.NaN;
      value = value * 10 + this.#text.charCodeAt(this.#at) - 48;
      this.#at += 1;
    }
    return value;
  }

  /** 1 to 9 digits after the point as microseconds, -1 when there are none or more. */
  fraction(): number {
    let value = 0;
    let count = 0;
    while (this.isDigit) {
      if (count < 6) value = value * 10 + this.#text.charCodeAt(this.#at) - 48;
      count += 1;
      this.#at += 1;
    }
    return count >= 1 && count <= 9 ? value * 10 ** Math.max(0, 6 - count) : -1;
  }
}
