import { describe, expect, it } from "vitest";
import { formerTopicPattern, topicMatches, topicPattern } from "./topic-pattern.js";

describe("topicPattern", () => {
  it.each([
    ["feed.#", "^feed\\..*?$"],
    ["feed.*.new", "^feed\\.[^\\.]+\\.new$"],
    ["a_b", "^a\\_b$"],
    ["", "^$"],
  ])("writes %j as kombu does", (key, pattern) => {
    expect(topicPattern(key)).toBe(pattern);
  });

  it("knows how older kombu wrote a star", () => {
    expect(formerTopicPattern("feed.*")).toBe("^feed\\..*?[^\\.]$");
  });
});

describe("topicMatches", () => {
  it.each([
    ["feed.#", "feed.a", true],
    ["feed.#", "feed.a.b", true],
    ["feed.#", "feed.", true],
    ["feed.#", "feed", false],
    ["#", "anything.at.all", true],
    ["#", "", true],
    ["*.error", "db.error", true],
    ["*.error", "db.x.error", false],
    ["*.error", ".error", false],
    ["a.*.c", "a.b.c", true],
    ["a.b", "a.b", true],
    ["a.b", "a.c", false],
    ["a*", "a*", true],
    ["a*", "ab", false],
  ])("binding %j, message %j: %j", (binding, routingKey, expected) => {
    expect(topicMatches(binding, routingKey)).toBe(expected);
  });

  it("agrees with the stored pattern on every short text", () => {
    const words = ["", "a", "b", "a.b", "a.b.c", "b.a", ".", "..", "a.", ".a", "aa.b"];
    for (const binding of ["#", "*", "a.#", "#.b", "a.*", "*.b", "a.#.c", "*.*", "#.#"]) {
      const pattern = new RegExp(topicPattern(binding), "u");
      for (const text of words)
        expect([binding, text, topicMatches(binding, text)]).toEqual([binding, text, pattern.test(text)]);
    }
  });

  it("is not slow on a pattern made to be slow", () => {
    const startedAt = performance.now();
    expect(topicMatches("#.".repeat(120), `${"a.".repeat(120)}b`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
