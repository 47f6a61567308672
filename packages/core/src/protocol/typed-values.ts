/**
 * Values that JSON has no form for and that kombu tags: PROTOCOL 4.1. Each is its wire text, checked and unchangeable, so
 * that what came from Python goes back exactly as it came.
 * @module
 */
import { formatIsoUtc, isIsoDate, parseIsoClock, parseIsoTime } from "./iso-time.js";

/**
 * A Python datetime: a `Date` (milliseconds, for every API that takes one) which also keeps its own text, so offset,
 * microseconds and nakedness survive a round trip. A text without offset is read as UTC, as Celery does.
 */
export class DateTime extends Date {
  readonly #text: string;
  readonly #parsedMs: number;
  readonly #microsecond: number;
  readonly #offsetSeconds: number | undefined;

  /** @throws RangeError when `text` is no ISO 8601 date and time of the years 1 to 9999. */
  constructor(text: string) {
    const time = parseIsoTime(text);
    if (time === undefined) throw new RangeError(`"${clip(text)}" is not an ISO 8601 date and time.`);
    super(time.epochMs);
    this.#text = text;
    this.#parsedMs = time.epochMs;
    this.#microsecond = time.microsecond;
    this.#offsetSeconds = time.offsetSeconds;
  }

  /** ISO text; the one it was made from, unless a `Date` setter has moved the instant since. */
  get text(): string {
    return this.getTime() === this.#parsedMs ? this.#text : formatIsoUtc(this.getTime());
  }

  /** Fraction of the second in microseconds, 0 to 999,999. */
  get microsecond(): number {
    const isMoved = this.getTime() !== this.#parsedMs;
    return isMoved ? this.getUTCMilliseconds() * 1000 : this.#microsecond;
  }

  /** Seconds east of UTC; `undefined` for a naive datetime. */
  get offsetSeconds(): number | undefined {
    return this.getTime() === this.#parsedMs ? this.#offsetSeconds : 0;
  }

  /** Same instant to the microsecond, same offset. */
  equals(other: unknown): boolean {
    return (
      other instanceof DateTime &&
      other.getTime() === this.getTime() &&
      other.microsecond === this.microsecond &&
      other.offsetSeconds === this.offsetSeconds
    );
  }

  override toString(): string {
    return this.text;
  }

  override toJSON(): string {
    return this.text;
  }
}

/** A Python date: `YYYY-MM-DD`. */
export class PlainDate {
  readonly #text: string;

  /** @throws RangeError when `text` is no `YYYY-MM-DD` that exists. */
  constructor(text: string) {
    if (!isIsoDate(text)) throw new RangeError(`"${clip(text)}" is not a date of the form YYYY-MM-DD.`);
    this.#text = text;
  }

  equals(other: unknown): boolean {
    return other instanceof PlainDate && other.#text === this.#text;
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

/** A Python time of day: `HH:MM:SS`, with fraction and offset where given. */
export class PlainTime {
  readonly #text: string;

  /** @throws RangeError when `text` is no time of day. */
  constructor(text: string) {
    if (parseIsoClock(text) === undefined) {
      throw new RangeError(`"${clip(text)}" is not a time of the form HH:MM:SS.ffffff.`);
    }
    this.#text = text;
  }

  /** Equal texts; `12:00` and `12:00:00` differ. */
  equals(other: unknown): boolean {
    return other instanceof PlainTime && other.#text === this.#text;
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

const finiteDecimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const specialDecimal = /^[+-]?(?:inf(?:inity)?|s?nan\d*)$/i;

/** A Python Decimal as text: `3.140` keeps its trailing zero. No arithmetic: hand the text to the library you trust. */
export class Decimal {
  readonly #text: string;

  /** @throws RangeError when Python's `Decimal` would not read `text`. */
  constructor(text: string) {
    if (!finiteDecimal.test(text) && !specialDecimal.test(text)) {
      throw new RangeError(`"${clip(text)}" is not a decimal number.`);
    }
    this.#text = text;
  }

  /** Equal texts; `1.0` and `1.00` differ. */
  equals(other: unknown): boolean {
    return other instanceof Decimal && other.#text === this.#text;
  }

  /** The nearest double; digits may be lost. */
  toNumber(): number {
    return Number(this.#text);
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

const uuidText = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** A Python UUID; lower case with dashes. */
export class Uuid {
  readonly #text: string;

  /** @throws RangeError when `text` is not 32 hexadecimal digits, with or without dashes. */
  constructor(text: string) {
    if (!uuidText.test(text)) throw new RangeError(`"${clip(text)}" is not a UUID.`);
    const hex = text.replaceAll("-", "").toLowerCase();
    this.#text = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /** The 32 digits without dashes. */
  get hex(): string {
    return this.#text.replaceAll("-", "");
  }

  equals(other: unknown): boolean {
    return other instanceof Uuid && other.#text === this.#text;
  }

  toString(): string {
    return this.#text;
  }

  toJSON(): string {
    return this.#text;
  }
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
