/**
 * JSON as kombu writes and reads it: typed values, exact integers, valid output only. Ordinary texts go through the
 * engine's own encoder and decoder after a cheap scan; only the unusual take the slow road.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import { isNativeJson, writeJson } from "./json-encode.js";
import { defaultMaxDepth, type JsonOptions } from "./json-options.js";
import { parseJsonExactly } from "./json-parse.js";
import { decodeTagged } from "./typed-codec.js";

export type { JsonOptions } from "./json-options.js";

const noOptions: JsonOptions = {};
/** Digits from which on an integer may be beyond 2^53. */
const longDigits = 16;

/**
 * Valid JSON text of `value`. `Date`, `DateTime`, `PlainDate`, `PlainTime`, `Decimal`, `Uuid` and `Uint8Array` are tagged;
 * BigInt is written as an exact integer; a number beyond 2^53 as a float (`1e17` is `100000000000000000.0`), so that it is
 * read back as the same double; a Map with string keys as an object; objects with `toJSON` as what that returns.
 * Undefined members are dropped, undefined items and an undefined `value` become null.
 * @throws EncodeError naming the path (`args[0].x`) for NaN and infinities, functions, symbols, Sets, Errors, promises,
 * cycles, nesting beyond `maxDepth`, and an object whose only keys are `__type__` and `__value__`: Python would read that
 * as a typed value and there is no escape.
 */
export function encodeJson(value: unknown, options: JsonOptions = noOptions): string {
  if (options.types === undefined && isNativeJson(value, options.maxDepth ?? defaultMaxDepth)) {
    return JSON.stringify(value) ?? "null";
  }
  return writeJson(value, options);
}

/**
 * The value of a JSON text. Integers beyond 2^53 become BigInt, tagged values their classes (`bytes` a `Uint8Array`);
 * Python's `NaN` and `Infinity` are read, a byte order mark is skipped, the last of duplicate keys wins, and `__proto__` is
 * a key like any other.
 * @throws DecodeError `E_BODY` for invalid JSON, nesting beyond `maxDepth` (checked before anything recurses), an unknown
 * `__type__` or a value that does not fit it; `E_NUMBER` for an integer of more than 4,300 digits.
 */
export function decodeJson(text: string, options: JsonOptions = noOptions): unknown {
  const maxDepth = options.maxDepth ?? defaultMaxDepth;
  if (!needsExactParser(text, maxDepth)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      // Either invalid or only Python's JSON (NaN, a byte order mark): the exact parser tells, with a position.
    }
  }
  return parseJsonExactly(text, { maxDepth, finishObject: (object) => finishObject(object, options) });
}

function needsExactParser(text: string, maxDepth: number): boolean {
  return (
    // Without its quotes it is found faster: the search begins at a rarer letter.
    text.includes("__type__") ||
    // An escaped underscore may spell the same key.
    text.includes("\\u005") ||
    hasLongDigits(text) ||
    (text.length > 2 * maxDepth && mayNestDeeper(text, maxDepth))
  );
}

/** Whether that many digits follow each other; looks at every 16th letter only, which no such run can avoid. */
function hasLongDigits(text: string): boolean {
  for (let at = longDigits - 1; at < text.length; at += longDigits) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (isDigit(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (end - start < longDigits && isDigit(text.charCodeAt(end))) end += 1;
    if (end - start >= longDigits) return true;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Whether there are more openings than `maxDepth` at all; the parser then counts exactly. */
function mayNestDeeper(text: string, maxDepth: number): boolean {
  let openings = 0;
  for (const opening of ["[", "{"]) {
    for (let at = text.indexOf(opening); at !== -1; at = text.indexOf(opening, at + 1)) {
      openings += 1;
      if (openings > maxDepth) return nestsDeeper(text, maxDepth);
    }
  }
  return false;
}

/** Whether brackets outside strings nest deeper than `maxDepth`; exact for valid JSON. */
function nestsDeeper(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) inString = !inString;
    else if (inString) at += code === 0x5c ? 1 : 0;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  return false;
}

/** Replaces an object with exactly the two keys of a tag by its value, as kombu does at any depth. */
function finishObject(object: Record<string, unknown>, options: JsonOptions): unknown {
  if (!Object.hasOwn(object, "__type__") || !Object.hasOwn(object, "__value__")) return object;
  if (Object.keys(object).length !== 2) return object;
  try {
    return decodeTagged(object.__type__, object.__value__, options.types ?? []);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DecodeError(`A typed value cannot be read: ${reason}.`, { code: "E_BODY", cause: error });
  }
}
