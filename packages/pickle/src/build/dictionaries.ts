/**
 * Dictionaries as objects or Maps.
 * @module
 */
import { pythonRepr } from "@celeriac/core/protocol";
import { isHashable, isNode, type PyDict, type PyValue } from "../machine/nodes.js";
import { PickleError } from "../pickle-error.js";
import type { Builder } from "./builder.js";

/**
 * An object when every key has a JSON form (text, numbers, booleans and None, spelled as Python's `json` spells them) and no
 * two of them are spelled alike; a Map with the keys themselves otherwise.
 */
export function buildDict(dict: PyDict, builder: Builder): Record<string, unknown> | Map<unknown, unknown> {
  const names = dict.keys.every((key) => typeof key === "string") ? dict.keys : spellKeys(dict.keys);
  if (names === undefined) return buildMap(dict, builder);
  const object: Record<string, unknown> = {};
  for (const [index, name] of names.entries()) {
    builder.part(name);
    setOwn(object, name, builder.value(dict.values[index] ?? null));
  }
  return object;
}

/** Names of mixed keys; `undefined` when one has none or two different ones share it. */
function spellKeys(keys: readonly PyValue[]): readonly string[] | undefined {
  const names: string[] = [];
  const kinds = new Map<string, string>();
  for (const key of keys) {
    const name = keyName(key);
    if (name === undefined || (kinds.get(name) ?? typeof key) !== typeof key) return undefined;
    kinds.set(name, typeof key);
    names.push(name);
  }
  return names;
}

function keyName(key: PyValue): string | undefined {
  switch (typeof key) {
    case "string":
      return key;
    case "number":
      return Number.isFinite(key) && !Number.isInteger(key) ? pythonRepr(key) : String(key);
    case "boolean":
    case "bigint":
      return String(key);
    default:
      if (key === null) return "null";
      return isNode(key) && key.kind === "float" ? floatName(key.value) : undefined;
  }
}

function floatName(value: number): string {
  return Math.abs(value) < 1e16 ? `${Object.is(value, -0) ? "-0" : value}.0` : pythonRepr(value);
}

function buildMap(dict: PyDict, builder: Builder): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  for (const [index, key] of dict.keys.entries()) {
    const builtKey = builder.value(key);
    checkHashable(key);
    map.set(builtKey, builder.value(dict.values[index] ?? null));
  }
  return map;
}

/** Keys and members of sets, once built, are what Python can hash. @throws PickleError `PICKLE_MALFORMED` */
export function checkHashable(source: PyValue): void {
  if (isHashable(source)) return;
  throw new PickleError(
    "PICKLE_MALFORMED",
    "a key or a member of a set is what can change, which Python does not allow",
  );
}

/** Sets an own member whatever its name: assigning `__proto__` would replace the prototype. */
function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[key] = value;
  }
}
