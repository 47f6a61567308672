/**
 * Arguments as Python would show them, for logs, events and monitors: `('a', 1, None, {'k': [1.5]})`. Bounds follow
 * `celery/utils/saferepr.py`: three levels, a total length, cycles cut; strings are escaped as `repr` does, so that no
 * argument can forge a log line or move a terminal's cursor.
 * @module
 */
import { parseIsoClock } from "./iso-time.js";
import { bytesRepr, numberRepr, stringRepr } from "./python-text.js";
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "./typed-values.js";

/** Celery's `argsrepr_maxsize`. */
const defaultMaxLength = 1024;
const maxLevels = 3;

/** Python's repr of one value, of about `maxLength` characters (default 1024) at most. Never throws. */
export function pythonRepr(value: unknown, maxLength: number = defaultMaxLength): string {
  try {
    return new Representer(maxLength).represent(value);
  } catch (error) {
    return `<Unrepresentable: ${stringRepr(String(error instanceof Error ? error.message : "").slice(0, 100))}>`;
  }
}

/** Python's repr of positional arguments: a tuple, `('a',)` for one. Never throws. */
export function pythonTupleRepr(values: readonly unknown[], maxLength: number = defaultMaxLength): string {
  if (values.length === 0) return "()";
  try {
    return new Representer(maxLength).representTuple(values);
  } catch {
    return "<Unrepresentable>";
  }
}

class Representer {
  readonly #open = new Set<object>();
  #left: number;

  constructor(maxLength: number) {
    this.#left = maxLength;
  }

  representTuple(values: readonly unknown[]): string {
    this.#open.add(values);
    return this.#sequence("(", values, values.length === 1 ? ",)" : ")", 1);
  }

  represent(value: unknown): string {
    return this.#write(value, 0);
  }

  #write(value: unknown, level: number): string {
    if (typeof value === "object" && value !== null) return this.#writeObject(value, level);
    return this.#spend(this.#scalar(value));
  }

  #scalar(value: unknown): string {
    switch (typeof value) {
      case "string":
        return this.#string(value);
      case "number":
        return numberRepr(value);
      case "boolean":
        return value ? "True" : "False";
      case "bigint":
        // Only the beginning of a huge number is ever shown, and printing it all takes quadratic time.
        return value > 2n ** 4096n || value < -(2n ** 4096n) ? "<int ...>" : value.toString();
      case "function":
        return `<function ${value.name || "anonymous"}>`;
      case "symbol":
        return "<symbol>";
      default:
        return "None";
    }
  }

  #string(text: string): string {
    return stringRepr(text.length > this.#left ? `${text.slice(0, Math.max(this.#left, 0))}...` : text);
  }

  #spend(text: string): string {
    this.#left -= text.length;
    return text;
  }

  #writeObject(value: object, level: number): string {
    const typed = this.#typed(value);
    if (typed !== undefined) return this.#spend(typed);
    if (this.#open.has(value)) return this.#spend(Array.isArray(value) ? "[...]" : "{...}");
    if (level >= maxLevels) return this.#spend(elided(value));
    this.#open.add(value);
    const text = this.#writeContainer(value, level + 1);
    this.#open.delete(value);
    return text;
  }

  #writeContainer(value: object, level: number): string {
    if (Array.isArray(value)) return this.#sequence("[", value, "]", level);
    if (value instanceof Set) return value.size === 0 ? this.#spend("set()") : this.#sequence("{", value, "}", level);
    if (value instanceof Map) return this.#mapping(value, level);
    if (value instanceof Error) return this.#spend(`${value.name}(${this.#string(value.message)})`);
    if ("toJSON" in value && typeof value.toJSON === "function") return this.#write(value.toJSON(), level);
    return this.#mapping(Object.entries(value), level);
  }

  #sequence(start: string, items: Iterable<unknown>, end: string, level: number): string {
    let text = this.#spend(start);
    for (const item of items) {
      if (this.#left <= 0) return `${text}, ...${end}`;
      if (text.length > 1) text += this.#spend(", ");
      text += this.#write(item, level);
    }
    return text + end;
  }

  #mapping(members: Iterable<readonly [unknown, unknown]>, level: number): string {
    let text = this.#spend("{");
    for (const [key, member] of members) {
      // JSON has no undefined: the member is not sent, so it is not shown.
      if (member === undefined) continue;
      if (this.#left <= 0) return `${text}, ...}`;
      if (text.length > 1) text += this.#spend(", ");
      text += `${this.#write(key, level)}${this.#spend(": ")}${this.#write(member, level)}`;
    }
    return `${text}}`;
  }

  #typed(value: object): string | undefined {
    if (value instanceof Date) return dateTimeRepr(value);
    if (value instanceof Uint8Array) return bytesRepr(value, Math.max(this.#left, 0));
    if (value instanceof Decimal) return `Decimal('${value}')`;
    if (value instanceof Uuid) return `UUID('${value}')`;
    if (value instanceof PlainDate) return `datetime.date(${numbers(value.toString().split("-"))})`;
    return value instanceof PlainTime ? timeRepr(value) : undefined;
  }
}

function elided(value: object): string {
  return Array.isArray(value) ? "[...]" : "{...}";
}

function numbers(parts: readonly (string | number)[]): string {
  return parts.map(Number).join(", ");
}

function dateTimeRepr(value: Date): string {
  if (Number.isNaN(value.getTime())) return "<invalid date>";
  const offset = value instanceof DateTime ? value.offsetSeconds : 0;
  const microsecond = value instanceof DateTime ? value.microsecond : value.getUTCMilliseconds() * 1000;
  const local = new Date(value.getTime() + (offset ?? 0) * 1000);
  const day = [local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate()];
  const clock = clockParts(local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds(), microsecond);
  return `datetime.datetime(${numbers([...day, ...clock])}${zoneRepr(offset)})`;
}

function timeRepr(value: PlainTime): string {
  const clock = parseIsoClock(value.toString());
  if (clock === undefined) return "<invalid time>";
  const parts = clockParts(clock.hour, clock.minute, clock.second, clock.microsecond);
  return `datetime.time(${numbers(parts)}${zoneRepr(clock.offsetSeconds)})`;
}

/** Python leaves out seconds and microseconds when they are zero. */
function clockParts(hour: number, minute: number, second: number, microsecond: number): number[] {
  if (microsecond !== 0) return [hour, minute, second, microsecond];
  return second === 0 ? [hour, minute] : [hour, minute, second];
}

function zoneRepr(offsetSeconds: number | undefined): string {
  if (offsetSeconds === undefined) return "";
  if (offsetSeconds === 0) return ", tzinfo=datetime.timezone.utc";
  // A timedelta keeps its seconds positive and borrows a day.
  const delta = offsetSeconds < 0 ? `days=-1, seconds=${86_400 + offsetSeconds}` : `seconds=${offsetSeconds}`;
  return `, tzinfo=datetime.timezone(datetime.timedelta(${delta}))`;
}
