import { describe, expect, it } from "vitest";
import { camelCase, checkOptions } from "./option-table.js";

describe("checkOptions", () => {
  it("accepts snake_case and camelCase, and leaves out what is absent or means nothing", () => {
    const table = { visibilityTimeout: "seconds", sep: "text", old: "ignored", none: "text" } as const;
    expect(checkOptions({ visibility_timeout: 1.5, sep: "", old: {}, none: null }, table)).toEqual({
      values: { visibilityTimeout: 1.5, sep: "" },
      issues: [],
    });
  });

  it.each([
    ["seconds", 0],
    ["seconds", "1"],
    ["seconds", Number.POSITIVE_INFINITY],
    ["milliseconds", -1],
    ["count", 1.5],
    ["flag", "yes"],
    ["text", 1],
    ["textOrFlag", 1],
    ["steps", [0, 3, 3]],
    ["steps", [1, 2]],
    ["steps", "0,3"],
    ["object", []],
    ["function", "f"],
    ["choice:a|b", "c"],
  ] as const)("refuses for %s the value %j", (kind, value) => {
    const { values, issues } = checkOptions({ option: value }, { option: kind });
    expect(values).toEqual({});
    expect(issues).toEqual([{ key: "option", message: expect.stringContaining("it must be") }]);
  });

  it("does not take inherited names for options", () => {
    expect(checkOptions(JSON.parse('{"__proto__":1,"constructor":1}'), {}).issues).toHaveLength(2);
  });
});

describe("camelCase", () => {
  it.each([
    ["a_b_c", "aBC"],
    ["already", "already"],
    ["global_keyprefix", "globalKeyprefix"],
  ])("%s is %s", (name, expected) => {
    expect(camelCase(name)).toBe(expected);
  });
});
