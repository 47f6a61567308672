/**
 * What reading a pickle may do and give.
 * @module
 */
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "@celeriac/core/protocol";
import { TimeDelta } from "../src/index.js";

const prototypes: readonly object[] = [Object, Array, Map, Set, Function, String, Number, Date, Promise, Error].map(
  (type): object => type.prototype,
);
const plainPrototypes: ReadonlySet<unknown> = new Set(
  [Object, Array, Map, Set, Uint8Array, DateTime, PlainDate, PlainTime, Decimal, Uuid, TimeDelta].map(
    (type): unknown => type.prototype,
  ),
);

/** Everything that pollution would change. */
export function prototypeSnapshot(): string {
  const members = [globalThis, ...prototypes].map((object) => Reflect.ownKeys(object).map(String).join());
  return members.join("\n") + Object.getPrototypeOf({}).constructor.name;
}

/** Why a value is not plain data; `undefined` when it is. */
export function reasonNotPlain(value: unknown): string | undefined {
  const seen = new Set<unknown>();
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === "function" || typeof next === "symbol" || next === undefined) return `a ${typeof next}`;
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (!plainPrototypes.has(Object.getPrototypeOf(next))) return `a ${Object.getPrototypeOf(next)?.constructor?.name}`;
    if (next instanceof Map) left.push(...next.keys(), ...next.values());
    else if (next instanceof Set || Array.isArray(next)) left.push(...next);
    else if (Object.getPrototypeOf(next) === Object.prototype) left.push(...Object.values(next));
  }
  return undefined;
}
