import { describe, expect, it } from "vitest";
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "./typed-values.js";

describe("DateTime", () => {
  it("is a Date that keeps its own text", () => {
    const time = new DateTime("2024-02-29T12:34:56.789012+02:00");
    expect(time).toBeInstanceOf(Date);
    expect(time.getTime()).toBe(Date.parse("2024-02-29T10:34:56.789Z"));
    expect([time.text, time.toString(), JSON.stringify(time)]).toEqual([time.text, time.text, `"${time.text}"`]);
    expect([time.microsecond, time.offsetSeconds]).toEqual([789012, 7200]);
  });

  it("forgets the text once a setter has moved it", () => {
    const time = new DateTime("2024-02-29T12:34:56.789012+02:00");
    time.setTime(1_500);
    expect([time.text, time.microsecond, time.offsetSeconds]).toEqual(["1970-01-01T00:00:01.500000+00:00", 500_000, 0]);
  });

  it("compares instant, microseconds and offset", () => {
    const text = "2024-02-29T12:34:56.000001";
    expect(new DateTime(text).equals(new DateTime(text))).toBe(true);
    expect(new DateTime(text).equals(new DateTime(`${text}Z`))).toBe(false);
    expect(new DateTime(text).equals(new DateTime("2024-02-29T12:34:56.000002"))).toBe(false);
  });
});

it("each kind keeps its text, compares by it and refuses others", () => {
  expect(new PlainDate("2024-02-29").equals(new PlainDate("2024-02-29"))).toBe(true);
  expect(new PlainTime("12:00").equals(new PlainTime("12:00:00"))).toBe(false);
  expect(`${new Decimal("3.140")}`).toBe("3.140");
  expect(new Decimal("1e3").toNumber()).toBe(1000);
  expect(new Uuid("ABCDEF00000000000000000000000001").toJSON()).toBe("abcdef00-0000-0000-0000-000000000001");
  expect(new Uuid("abcdef00-0000-0000-0000-000000000001").hex).toBe("abcdef00000000000000000000000001");
  for (const make of [
    () => new PlainDate("x"),
    () => new PlainTime("x"),
    () => new Decimal("x"),
    () => new Uuid("x"),
    () => new DateTime("x"),
  ]) {
    expect(make).toThrow(RangeError);
  }
});

it("Decimal takes what Python's Decimal takes", () => {
  for (const text of ["1", "-1.50", "+.5", "5.", "1E-7", "NaN", "-Infinity", "sNaN123"])
    expect(new Decimal(text).toString()).toBe(text);
  for (const text of ["", ".", "1e", "--1", "0x1", "1 ", `${"1".repeat(50_000)}x`])
    expect(() => new Decimal(text)).toThrow(RangeError);
});
