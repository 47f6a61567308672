import { describe, expect, it } from "vitest";
import { expandNodeName } from "./node-name.js";

describe("expandNodeName", () => {
  it.each([
    [undefined, "celery@web1.example.org"],
    ["w1", "w1@web1.example.org"],
    ["w1@%h", "w1@web1.example.org"],
    ["w1@%n", "w1@web1"],
    ["w1@%d", "w1@example.org"],
    ["100%%@%n", "100%@web1"],
  ])("%s is %s", (pattern, expected) => {
    expect(expandNodeName(pattern, "web1.example.org")).toBe(expected);
  });
});
