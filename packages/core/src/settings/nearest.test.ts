import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./nearest.js";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["ab", "ba", 1],
    ["tasks.add", "tasks.ad", 1],
    ["ca", "abc", 3],
  ])("from %j to %j is %d", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it("is zero only for equal texts and never above the longer one's length", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe("nearest", () => {
  const names = ["tasks.add", "tasks.mul", "web.page", "celery"];

  it.each([
    ["tasks.ad", "tasks.add"],
    ["task.add", "tasks.add"],
    ["Tasks.Add", "tasks.add"],
    ["tasks.mlu", "tasks.mul"],
    ["clerey", "celery"],
    ["salary", undefined],
    ["celrey", "celery"],
    ["unlike.all", undefined],
    ["", undefined],
  ])("of %j is %j", (name, expected) => {
    expect(nearest(name, names)).toBe(expected);
  });

  it("does no work for a name of hostile length", () => {
    expect(nearest("x".repeat(1_000_000), ["x".repeat(1_000_001)])).toBeUndefined();
  });
});
