/**
 * Readers of option values; each throws commander's error, which names the option.
 * @module
 */
import { decodeJson, parseDuration } from "@celeriac/core";
import { InvalidArgumentError } from "commander";

/** A whole number from `min` up. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`It must be a whole number, ${min} or more.`);
  };
}

/** Seconds: `1.5`, or with a unit, `"90s"`, `"2m"`. Zero only where `min` allows it. */
export function seconds(min: number): (text: string) => number {
  return (text) => {
    const value = readDuration(text);
    if (value !== undefined && value >= min) return value;
    throw new InvalidArgumentError(
      `It must be seconds or a text such as 500ms, 5s, 1h30m${min > 0 ? ", above 0" : ""}.`,
    );
  };
}

function readDuration(text: string): number | undefined {
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

/** Names with commas between; the option may also be given several times. */
export function nameList(text: string, previous: readonly string[] = []): readonly string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) throw new InvalidArgumentError("It must be one name or several with commas between.");
  return [...previous, ...names];
}

export function jsonArray(text: string): readonly unknown[] {
  const value = json(text);
  if (Array.isArray(value)) return value;
  throw new InvalidArgumentError(`It must be a JSON array, like '[1, "two"]'.`);
}

export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const value = json(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>; // checked here
  }
  throw new InvalidArgumentError(`It must be a JSON object, like '{"x": 1}'.`);
}

/** Numbers beyond 2^53 stay exact, as everywhere on the wire. */
function json(text: string): unknown {
  try {
    return decodeJson(text);
  } catch {
    throw new InvalidArgumentError("It is not valid JSON. In a shell, put it in single quotes.");
  }
}

/** A moment: ISO 8601, UTC when it names no offset. */
export function moment(text: string): Date {
  const hasOffset = /(?:z|[+-]\d{2}:?\d{2})$/i.test(text);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const date = new Date(hasOffset || isDay ? text : `${text}Z`);
  if (/^\d{4}-/.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new InvalidArgumentError("It must be a moment in ISO 8601, like 2030-01-31T08:00:00Z.");
}

/** A duration from now, or a moment. */
export function durationOrMoment(text: string): number | Date {
  const value = readDuration(text);
  return value ?? moment(text);
}
