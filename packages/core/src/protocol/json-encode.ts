/**
 * JSON text of values that the native encoder gets wrong: typed values, BigInt, non-finite numbers, functions, cycles.
 * @module
 */
import { EncodeError } from "../errors/codec-error.js";
import { defaultMaxDepth, type JsonOptions } from "./json-options.js";
import { plainTextOf, tagOf } from "./typed-codec.js";

/** Where a value sits, kept as a list so that the text is only built for an error. */
interface Path {
  readonly parent: Path | undefined;
  readonly key: string | number;
}

/**
 * Whether the native encoder writes `value` as we want it. One walk without allocation; it says no as soon as anything is
 * unusual, nesting included, so cycles end it too.
 */
export function isNativeJson(value: unknown, depthLeft: number): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return true;
    case "number":
      return value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
    case "object":
      return value === null || isNativeObject(value, depthLeft);
    default:
      return false;
  }
}

function isNativeObject(value: object, depthLeft: number): boolean {
  if (depthLeft === 0) return false;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      if (!isNativeJson(value[index], depthLeft - 1)) return false;
    }
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  // The prototype is plain, so every name met here is an own one or pollution, which the slow path leaves out.
  const record = value as Readonly<Record<string, unknown>>;
  for (const key in record) {
    if (key === "__type__" || !isNativeJson(record[key], depthLeft - 1)) return false;
  }
  return true;
}

/**
 * Writes `value` by our own rules. @throws EncodeError naming the path of what has no JSON form.
 */
export function writeJson(value: unknown, options: JsonOptions): string {
  return new Writer(options).write(value, undefined, 0) ?? "null";
}

class Writer {
  readonly #options: JsonOptions;
  readonly #maxDepth: number;
  readonly #open = new Set<object>();

  constructor(options: JsonOptions) {
    this.#options = options;
    this.#maxDepth = options.maxDepth ?? defaultMaxDepth;
  }

  /** JSON text, `undefined` for `undefined`: the caller drops the member or writes null. */
  write(value: unknown, path: Path | undefined, depth: number): string | undefined {
    switch (typeof value) {
      case "string":
      case "boolean":
        return JSON.stringify(value);
      case "undefined":
        return undefined;
      case "number":
        return numberText(value, path);
      case "bigint":
        return value.toString();
      case "object":
        return value === null ? "null" : this.#writeObject(value, path, depth);
      default:
        throw refusal(path, `a ${typeof value} cannot be sent`);
    }
  }

  #writeObject(value: object, path: Path | undefined, depth: number): string | undefined {
    if (this.#open.has(value)) throw refusal(path, "it refers back to an object that contains it");
    if (depth >= this.#maxDepth) throw refusal(path, `it is nested deeper than ${this.#maxDepth} levels`);
    this.#open.add(value);
    const text = this.#writeOpened(value, path, depth);
    this.#open.delete(value);
    return text;
  }

  #writeOpened(value: object, path: Path | undefined, depth: number): string | undefined {
    const typed = this.#writeTyped(value, path, depth);
    if (typed !== undefined) return typed;
    if (Array.isArray(value)) {
      const items = Array.from(
        value,
        (item: unknown, key) => this.write(item, { parent: path, key }, depth + 1) ?? "null",
      );
      return `[${items.join(",")}]`;
    }
    if ("toJSON" in value && typeof value.toJSON === "function") {
      const key = path === undefined ? "" : String(path.key);
      return this.write(value.toJSON(key), path, depth + 1);
    }
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return this.write(value.valueOf(), path, depth);
    }
    return this.#writeMembers(value instanceof Map ? mapMembers(value, path) : plainMembers(value, path), path, depth);
  }

  #writeTyped(value: object, path: Path | undefined, depth: number): string | undefined {
    const codec = this.#options.types?.find((candidate) => candidate.matches(value));
    if (codec !== undefined) return this.#writeTag(codec.marker, codec.encode(value), path, depth);
    try {
      if (this.#options.typed === "text") {
        const text = plainTextOf(value);
        return text === undefined ? undefined : JSON.stringify(text);
      }
      const tagged = tagOf(value);
      return tagged === undefined ? undefined : this.#writeTag(tagged.marker, tagged.value, path, depth);
    } catch (error) {
      if (error instanceof RangeError) throw refusal(path, error.message);
      throw error;
    }
  }

  #writeTag(marker: string, value: unknown, path: Path | undefined, depth: number): string {
    return `{"__type__":${JSON.stringify(marker)},"__value__":${this.write(value, path, depth + 1) ?? "null"}}`;
  }

  #writeMembers(members: Iterable<readonly [string, unknown]>, path: Path | undefined, depth: number): string {
    const parts: string[] = [];
    const names = new Set<string>();
    for (const [key, member] of members) {
      const text = this.write(member, { parent: path, key }, depth + 1);
      if (text === undefined) continue;
      names.add(key);
      parts.push(`${JSON.stringify(key)}:${text}`);
    }
    // kombu decodes any object with exactly these two keys as a typed value, and there is no escape for it.
    if (names.size === 2 && names.has("__type__") && names.has("__value__")) {
      throw refusal(
        path,
        "its only keys are __type__ and __value__, which Python reads as a typed value: add a third key",
      );
    }
    return `{${parts.join(",")}}`;
  }
}

function numberText(value: number, path: Path | undefined): string {
  if (!Number.isFinite(value)) throw refusal(path, `${value} has no JSON form: send null or a text`);
  const text = JSON.stringify(value);
  // Beyond 2^53 a double is a float, not an exact integer: with the point both sides read the same double.
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

function* mapMembers(
  value: ReadonlyMap<unknown, unknown>,
  path: Path | undefined,
): Iterable<readonly [string, unknown]> {
  for (const [key, member] of value) {
    if (typeof key !== "string") throw refusal(path, `a Map key is ${typeof key}, not a string`);
    yield [key, member];
  }
}

function plainMembers(value: object, path: Path | undefined): Iterable<readonly [string, unknown]> {
  const reason = refusedKind(value);
  if (reason !== undefined) throw refusal(path, reason);
  return Object.entries(value);
}

/** Objects whose own keys say nothing about them; written as `{}` they would be lost without a word. */
function refusedKind(value: object): string | undefined {
  if (value instanceof Set) return "a Set has no JSON form: send an array";
  if (value instanceof Error) return "an Error has no JSON form: send its message";
  if (value instanceof RegExp) return "a RegExp has no JSON form: send its source";
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return "bytes are sent as a Uint8Array";
  if (value instanceof WeakMap || value instanceof WeakSet) return "a weak collection has no JSON form";
  if ("then" in value && typeof value.then === "function") return "a promise cannot be sent: await it first";
  return undefined;
}

function refusal(path: Path | undefined, reason: string): EncodeError {
  return new EncodeError(`Cannot encode ${pathText(path)}: ${reason}.`);
}

function pathText(path: Path | undefined): string {
  if (path === undefined) return "the value";
  let text = "";
  for (let step: Path | undefined = path; step !== undefined; step = step.parent) {
    text = stepText(step) + text;
  }
  return text.startsWith(".") ? text.slice(1) : text;
}

function stepText({ key }: Path): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_$][\w$]{0,80}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 80))}]`;
}
