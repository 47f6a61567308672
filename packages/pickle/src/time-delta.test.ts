import { expect, it } from "vitest";
import { TimeDelta } from "./time-delta.js";

it("keeps Python's normal form", () => {
  const { days, seconds, microseconds } = new TimeDelta(0, -1, -500_000);
  expect([days, seconds, microseconds]).toEqual([-1, 86_398, 500_000]);
  expect(new TimeDelta(0, 90_061, 1_000_001)).toEqual(new TimeDelta(1, 3_662, 1));
});

it.each([
  [new TimeDelta(0), "0:00:00", 0],
  [new TimeDelta(1, 3_661), "1 day, 1:01:01", 90_061_000],
  [new TimeDelta(-1, 86_399, 500_000), "-1 day, 23:59:59.500000", -500],
  [new TimeDelta(12, 0, 1_500), "12 days, 0:00:00.001500", 1_036_800_001.5],
])("%s", (delta, shown, totalMs) => {
  expect(String(delta)).toBe(shown);
  expect(delta.totalMs).toBe(totalMs);
  expect(JSON.stringify({ delta })).toBe(`{"delta":${totalMs / 1000}}`);
});

it("equals what is as long", () => {
  expect(new TimeDelta(1).equals(new TimeDelta(0, 86_400))).toBe(true);
  expect(new TimeDelta(1).equals(new TimeDelta(1, 1))).toBe(false);
  expect(new TimeDelta(1).equals(86_400)).toBe(false);
});

it.each([[0.5], [Number.NaN], [1_000_000_000], [-1_000_000_000]])("refuses %s days", (days) => {
  expect(() => new TimeDelta(days)).toThrow(RangeError);
});
