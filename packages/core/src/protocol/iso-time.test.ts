import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIsoUtc, isIsoDate, parseIsoClock, parseIsoTime } from "./iso-time.js";

describe("parseIsoTime", () => {
  it.each([
    ["2037-05-17T08:30:15.123456+00:00", "2037-05-17T08:30:15.123Z"],
    ["2037-05-17T08:30:15Z", "2037-05-17T08:30:15.000Z"],
    ["2037-05-17T08:30:15.5Z", "2037-05-17T08:30:15.500Z"],
    ["2037-05-17T08:30:15.123456789Z", "2037-05-17T08:30:15.123Z"],
    ["2037-05-17T08:30:15,25Z", "2037-05-17T08:30:15.250Z"],
    ["2037-05-17T08:30:15+05:30", "2037-05-17T03:00:15.000Z"],
    ["2037-05-17T08:30:15-0530", "2037-05-17T14:00:15.000Z"],
    ["2037-05-17T08:30:15+02", "2037-05-17T06:30:15.000Z"],
    ["1892-05-01T00:00:00+00:17:30", "1892-04-30T23:42:30.000Z"],
    ["2037-05-17 08:30", "2037-05-17T08:30:00.000Z"],
    ["20370517T083015Z", "2037-05-17T08:30:15.000Z"],
    ["2037-05-17", "2037-05-17T00:00:00.000Z"],
    ["0001-01-01T00:00:00", "0001-01-01T00:00:00.000Z"],
    ["9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999Z"],
    ["2024-02-29T00:00:00", "2024-02-29T00:00:00.000Z"],
    ["2000-02-29", "2000-02-29T00:00:00.000Z"],
  ])("reads %s", (text, iso) => {
    expect(new Date(parseIsoTime(text)?.epochMs ?? Number.NaN).toISOString()).toBe(iso);
  });

  it.each([
    "",
    "x",
    "2037",
    "2037-05",
    "2037-5-17",
    "2037-13-01",
    "2037-00-01",
    "2037-02-29",
    "1900-02-29",
    "2037-04-31",
    "0000-01-01",
    "-0001-01-01",
    "2037-05-17T",
    "2037-05-17T24:00:00",
    "2037-05-17T08:60:00",
    "2037-05-17T23:59:60Z",
    "2037-05-17T08:30:15.",
    "2037-05-17T08:30:15.1234567890Z",
    "2037-05-17T08:30:15+24:00",
    "2037-05-17T08:30:15+5",
    "2037-05-17T08:30:15Zx",
    "2037-05-17T08:30:15+00:00 ",
    " 2037-05-17",
    "2037-05-17X08:30:15",
    "1e9",
    "٢٠٣٧-05-17",
  ])("refuses %j", (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });

  it("tells naive from aware texts and keeps microseconds", () => {
    expect(parseIsoTime("2037-05-17T08:30:15.000001")).toMatchObject({ offsetSeconds: undefined, microsecond: 1 });
    expect(parseIsoTime("2037-05-17T08:30:15-01:00")).toMatchObject({ offsetSeconds: -3600, microsecond: 0 });
  });

  it("agrees with the engine on every instant, and reads back what it writes", () => {
    const instant = fc.date({
      min: new Date("0001-01-01T00:00:00Z"),
      max: new Date("9999-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instant, (date) => {
        expect(parseIsoTime(date.toISOString())?.epochMs).toBe(date.getTime());
        expect(parseIsoTime(formatIsoUtc(date.getTime()))?.epochMs).toBe(date.getTime());
      }),
    );
  });

  it("takes linear time", () => {
    const startedAt = performance.now();
    expect(parseIsoTime(`2037-05-17T08:30:15.${"1".repeat(1_000_000)}`)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

it("formatIsoUtc refuses what Python's datetime cannot hold", () => {
  expect(formatIsoUtc(-62_135_596_800_000)).toBe("0001-01-01T00:00:00+00:00");
  for (const epochMs of [-62_135_596_800_001, 253_402_300_800_000, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => formatIsoUtc(epochMs)).toThrow(RangeError);
  }
});

it("dates and times of day are checked alone", () => {
  expect([isIsoDate("2024-02-29"), isIsoDate("2023-02-29"), isIsoDate("20240229"), isIsoDate("2024-02-29T00")]).toEqual(
    [true, false, false, false],
  );
  expect(parseIsoClock("12:34:56.789012+02:00")).toEqual({
    hour: 12,
    minute: 34,
    second: 56,
    microsecond: 789012,
    offsetSeconds: 7200,
  });
  expect(parseIsoClock("24:00")).toBeUndefined();
});
