import { describe, expect, it } from "vitest";
import { durationOrMoment, jsonArray, jsonObject, moment, nameList, seconds, wholeNumber } from "./parse-option.js";

describe("option values", () => {
  it("reads whole numbers from a least one up", () => {
    expect(wholeNumber(1)("4")).toBe(4);
    for (const text of ["0", "-1", "1.5", "", " ", "x", "1e99"]) expect(() => wholeNumber(1)(text), text).toThrow();
  });

  it("reads seconds with and without unit", () => {
    expect(["1.5", "90s", "2m", "500ms", "0"].map(seconds(0))).toEqual([1.5, 90, 120, 0.5, 0]);
    for (const text of ["0", "-1", "soon", ""]) expect(() => seconds(0.001)(text), text).toThrow();
  });

  it("reads lists of names, also when the option is repeated", () => {
    expect(nameList("b, c,", nameList("a"))).toEqual(["a", "b", "c"]);
    expect(() => nameList(" , ")).toThrow();
  });

  it("reads JSON of the right shape only, and keeps big integers exact", () => {
    expect(jsonArray("[1, 12345678901234567890]")).toEqual([1, 12345678901234567890n]);
    expect(jsonObject('{"a": [1]}')).toEqual({ a: [1] });
    for (const text of ["{}", "1", "[1", ""]) expect(() => jsonArray(text), text).toThrow();
    for (const text of ["[]", "null", '"x"', "{"]) expect(() => jsonObject(text), text).toThrow();
  });

  it("reads moments as UTC unless they name an offset", () => {
    expect(moment("2030-01-31T08:00:00").toISOString()).toBe("2030-01-31T08:00:00.000Z");
    expect(moment("2030-01-31T08:00:00+02:00").toISOString()).toBe("2030-01-31T06:00:00.000Z");
    expect(moment("2030-01-31").toISOString()).toBe("2030-01-31T00:00:00.000Z");
    for (const text of ["tomorrow", "1", "2030-13-01T00:00:00Z", ""]) expect(() => moment(text), text).toThrow();
  });

  it("reads an expiry as a duration or a moment", () => {
    expect(durationOrMoment("10")).toBe(10);
    expect(durationOrMoment("2030-01-31T08:00:00Z")).toEqual(new Date("2030-01-31T08:00:00Z"));
    expect(() => durationOrMoment("never")).toThrow();
  });
});
