import { EncodeError } from "@celeriac/core/errors";
import { describe, expect, it } from "vitest";
import { readPickle } from "../read-pickle.js";
import { writePickle } from "./write-pickle.js";

const circle: unknown[] = [];
circle.push({ again: circle });

describe("writePickle", () => {
  it("writes protocol 4, and small numbers as Python does", () => {
    expect(Buffer.from(writePickle(5)).toString("hex")).toBe("80044b052e");
  });

  it("writes the keys of records once", () => {
    const [one, many] = [1, 101].map((count) => writePickle(Array(count).fill({ averylongkey: null })).length);
    expect(((many ?? 0) - (one ?? 0)) / 100).toBeLessThan("averylongkey".length);
  });

  it("leaves out members that are undefined, and writes None for other undefined values", () => {
    expect(readPickle(writePickle({ a: undefined, b: [undefined] }))).toEqual({ b: [null] });
    expect(readPickle(writePickle(undefined))).toBe(null);
  });

  it("writes what toJSON and wrapped primitives stand for", () => {
    expect(readPickle(writePickle([{ toJSON: (): unknown => ({ a: 1 }) }, Object("x"), Object(2)]))).toEqual([
      { a: 1 },
      "x",
      2,
    ]);
  });

  it("writes an error as Celery stores a failure", () => {
    expect(readPickle(writePickle(new TypeError("bad")))).toEqual({
      exc_type: "TypeError",
      exc_message: ["bad"],
      exc_module: "builtins",
    });
  });

  it.each<readonly [string, unknown, string]>([
    ["a function", { a: [(): void => {}] }, "Cannot pickle a[0]: a function cannot be sent."],
    ["a symbol", Symbol("s"), "Cannot pickle the value: a symbol cannot be sent."],
    ["a circle", circle, "Cannot pickle [0].again: it refers back to an object that contains it."],
    ["a promise", { p: Promise.resolve(1) }, "Cannot pickle p: a promise cannot be sent: await it first."],
    ["a RegExp", /x/, "Cannot pickle the value: a RegExp has no form in Python: send its source."],
    ["another view of bytes", new Uint16Array(1), "Cannot pickle the value: bytes are sent as a Uint8Array."],
    ["an object in a set", new Set([{}]), "Cannot pickle member: Python has no dictionary as a key or in a set."],
    [
      "a Map as a key",
      new Map([[new Map(), 1]]),
      'Cannot pickle ["key object"]: Python has no dictionary as a key or in a set.',
    ],
    ["an invalid Date", new Date(Number.NaN), "Cannot pickle the value: NaN ms since 1970 is outside the years"],
    [
      "an integer of 4,301 digits",
      10n ** 4_300n,
      "Cannot pickle the value: Python reads no integer of more than 4300 digits.",
    ],
  ])("refuses %s by its path", (_what, value, message) => {
    expect(() => writePickle(value)).toThrow(EncodeError);
    expect(() => writePickle(value)).toThrow(message);
  });

  it("goes as deep as it is told", () => {
    expect(() => writePickle([[[]]], { maxDepth: 3 })).not.toThrow();
    expect(() => writePickle([[[]]], { maxDepth: 2 })).toThrow("nested deeper than 2 levels");
  });
});
