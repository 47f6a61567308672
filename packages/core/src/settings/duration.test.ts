import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DurationError, parseDuration } from "./duration.js";

describe("parseDuration", () => {
  it.each([
    [5, 5],
    [0, 0],
    [-2.5, -2.5],
    ["5s", 5],
    ["500ms", 0.5],
    ["1m", 60],
    ["2h", 7200],
    ["1d", 86_400],
    ["1w", 604_800],
    ["1h30m", 5400],
    ["1h 30m 15s", 5415],
    ["1.5s", 1.5],
    ["1s500ms", 1.5],
    [" 10 s ", 10],
    ["30", 30],
    ["0.25", 0.25],
    ["-1", -1],
  ])("reads %j as %d seconds", (value, expected) => {
    expect(parseDuration(value)).toBe(expected);
  });

  it.each(["", " ", "s", "5x", "5 parsecs", "1h30", "h1", "5s!", "1e3", "0x10", "Infinity", "--1", "5S", "-5s"])(
    "refuses %j",
    (value) => {
      expect(() => parseDuration(value)).toThrow(DurationError);
    },
  );

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("refuses the number %d", (value) => {
    expect(() => parseDuration(value)).toThrow(expect.objectContaining({ code: "DURATION_INVALID", retryable: false }));
  });

  it("adds up whatever parts a text has", () => {
    const part = fc.tuple(
      fc.nat(999),
      fc.constantFrom(["ms", 1], ["s", 1000], ["m", 60_000], ["h", 3_600_000] as const),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.map(([count, [unit]]) => `${count}${unit}`).join("");
        const ms = parts.reduce((total, [count, [, factor]]) => total + count * Number(factor), 0);
        expect(parseDuration(text)).toBeCloseTo(ms / 1000, 9);
      }),
    );
  });
});
