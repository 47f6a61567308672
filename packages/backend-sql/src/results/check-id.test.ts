import { describe, expect, it } from "vitest";
import { checkId, cleanText, fitText } from "./check-id.js";

describe("ids", () => {
  it.each(["", "$", "x".repeat(155), "😀".repeat(155), "'\"\n"])("%j fits", (id) => {
    expect(() => checkId("task id", id)).not.toThrow();
  });

  it.each([
    ["x".repeat(156), /longer than 155/],
    ["😀".repeat(156), /longer than 155/],
    ["a\0", /NUL/],
    ["\ud83d", /half a character/],
  ])("%j does not", (id, message) => {
    expect(() => checkId("task id", id)).toThrow(message);
  });
});

describe("text", () => {
  it("is cut at whole characters", () => {
    expect(fitText("😀😀😀", 2)).toBe("😀😀");
    expect(fitText("abc", 3)).toBe("abc");
  });

  it("has no NUL and no half characters", () => {
    expect(cleanText("a\0b\ud83dc😀")).toBe("a\u{fffd}b\u{fffd}c😀");
  });
});
