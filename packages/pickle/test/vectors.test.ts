import { readFileSync } from "node:fs";
import { decodeJson, encodeJson, type WireException } from "@celeriac/core/protocol";
import { describe, expect, it } from "vitest";
import { readPickle, TimeDelta, writePickle } from "../src/index.js";

interface Vector {
  readonly kind: "value" | "other" | "exception";
  readonly name: string;
  readonly protocol: number;
  /** Base64. */
  readonly pickle: string;
  /** The same value as kombu's JSON. */
  readonly json?: string;
}

const file = new URL("./vectors/pickles.json", import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, "utf8")) as { readonly vectors: readonly Vector[] };
const ofKind = (kind: Vector["kind"]): readonly Vector[] => vectors.filter((vector) => vector.kind === kind);
const bytesOf = (vector: Vector): Uint8Array => Buffer.from(vector.pickle, "base64");

/** What JSON has no form for. */
const others: Readonly<Record<string, unknown>> = {
  nan: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  "minus infinity": Number.NEGATIVE_INFINITY,
  set: new Set<unknown>([1, "a", [2, 3]]),
  "empty set": new Set(),
  frozenset: new Set([1]),
  "set of sets": new Set([new Set([1])]),
  timedelta: new TimeDelta(-1, 2, 3),
  "tuple keys": new Map([[[1, "a"], 1]]),
  "bytes keys": new Map([[new TextEncoder().encode("k"), 1]]),
  "clashing keys": new Map<unknown, unknown>([
    [1, "int"],
    ["1", "text"],
  ]),
  deque: [1, [2]],
  "endless deque": ["a", "b"],
  counter: { a: 2, b: 1 },
  bytearray: new Uint8Array([1, 128]),
  "empty bytearray": new Uint8Array(0),
};

const failure = (type: string, module: string, ...args: readonly unknown[]): WireException => ({
  exc_type: type,
  exc_message: args,
  exc_module: module,
});

const exceptions: Readonly<Record<string, WireException>> = {
  builtin: failure("ValueError", "builtins", "boom", 1),
  "no arguments": failure("KeyError", "builtins"),
  os: failure("FileNotFoundError", "builtins", 2, "No such file", "/x"),
  "user's": failure("OrderError", "shop_errors", 7, "out of stock"),
  "celery's": failure("TimeLimitExceeded", "billiard.exceptions", 30),
  nested: failure("Retry", "celery.exceptions", "again", "KeyError('k')", 3),
  group: failure("ExceptionGroup", "builtins", "many", ["ValueError(1)"]),
  "plain value": failure("KeyError", "builtins", "k"),
  wrapped: failure("PayError", "shop", "no", 5),
};

/** Python writes the subclasses of OSError under the name of their base for Python 2. */
function expectedException({ name, protocol }: Vector): WireException | undefined {
  const expected = exceptions[name];
  return name === "os" && protocol < 3 ? failure("OSError", "builtins", ...(expected?.exc_message ?? [])) : expected;
}

describe("pickles of real Python", () => {
  it.each(ofKind("value"))("$name of protocol $protocol reads as its JSON does", (vector) => {
    const [value, expected] = [readPickle(bytesOf(vector)), decodeJson(vector.json ?? "")];
    expect(value).toEqual(expected);
    expect(encodeJson(value)).toBe(encodeJson(expected)); // offsets and microseconds too, which toEqual does not see
  });

  it.each(ofKind("other"))("$name of protocol $protocol, which has no JSON", (vector) => {
    expect(Object.keys(others)).toContain(vector.name);
    const value = readPickle(bytesOf(vector));
    expect(value).toEqual(others[vector.name]);
    // toEqual compares TimeDelta and DateTime by their fields only where they are visible.
    expect(String(value)).toBe(String(others[vector.name]));
  });

  it.each(ofKind("exception"))("$name as an exception, protocol $protocol", (vector) => {
    expect(readPickle(bytesOf(vector), { expects: "exception" })).toEqual(expectedException(vector));
  });

  it.each(ofKind("exception").filter(({ name }) => name !== "plain value"))(
    "$name is refused as a value, protocol $protocol",
    (vector) => {
      expect(() => readPickle(bytesOf(vector))).toThrow(expect.objectContaining({ code: "PICKLE_REFUSED" }));
    },
  );

  it.each(vectors.filter(({ kind }) => kind !== "exception"))(
    "$name of protocol $protocol comes back from our own pickle",
    (vector) => {
      const value = readPickle(bytesOf(vector));
      expect(readPickle(writePickle(value))).toEqual(value);
    },
  );

  it("has every protocol of every value", () => {
    expect(vectors.length).toBeGreaterThan(500);
    expect(new Set(vectors.map(({ protocol }) => protocol))).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });
});
