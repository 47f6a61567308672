import type { WireSignature } from "@celeriac/core";
import { ArgumentError, isWireOption } from "@celeriac/core";
import type { WireOptions } from "../composite/merge.js";

/** What a stamp holds: a short text, or several. */
export type StampValue = string | number | boolean | readonly (string | number | boolean)[];

/** Stamps by name. */
export type Stamps = Readonly<Record<string, StampValue>>;

/**
 * Two sets of stamps in one. Under the same name the first's value stays; both lists become one; and with `append` every
 * value is kept, in a list. @see `celery/canvas.py`, `_merge_dictionaries`.
 */
export function mergeStamps(first: Stamps, second: Stamps, append: boolean): Stamps {
  const merged: Record<string, StampValue> = { ...second };
  for (const [name, value] of Object.entries(first)) {
    const other = second[name];
    merged[name] = other === undefined ? value : mergeValues(value, other, append);
  }
  return merged;
}

function mergeValues(first: StampValue, second: StampValue, append: boolean): StampValue {
  if (isList(second) && (isList(first) || append)) return [...toList(first), ...second];
  return append ? [...toList(first), ...toList(second)] : first;
}

function isList(value: StampValue): value is readonly (string | number | boolean)[] {
  return Array.isArray(value);
}

function toList(value: StampValue): readonly (string | number | boolean)[] {
  return isList(value) ? value : [value];
}

/** The stamps among a signature's options. */
export function stampsIn(options: WireOptions): Stamps {
  const names: readonly unknown[] = Array.isArray(options.stamped_headers) ? options.stamped_headers : [];
  const stamps = names.flatMap((name) =>
    typeof name === "string" && options[name] !== undefined && options[name] !== null ? [[name, options[name]]] : [],
  );
  return Object.fromEntries(stamps) as Stamps; // whoever stamped it meant it as one
}

/** The same signature with these stamps. @throws ArgumentError for a stamp that nobody could tell from an option. */
export function withStamps(signature: WireSignature, stamps: Stamps): WireSignature {
  const names = Object.keys(stamps);
  if (names.length === 0) return signature;
  const taken = names.find((name) => isWireOption(name));
  if (taken !== undefined) throw new ArgumentError(`A stamp cannot be named "${taken}": that is an option of its own.`);
  return { ...signature, options: { ...signature.options, ...stamps, stamped_headers: names } };
}
