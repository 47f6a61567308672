import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileGlob } from "./glob.js";

describe("compileGlob", () => {
  // Facts: Python 3.11 fnmatch.fnmatchcase.
  it.each([
    ["feed.tasks.*", "feed.tasks.x", true],
    ["feed.tasks.*", "feed.tasks.", true],
    ["feed.tasks.*", "feed.task", false],
    ["feed.tasks.*", "Feed.tasks.x", false],
    ["*.tail", "my.tail", true],
    ["*.tail", "my.tail2", false],
    ["*", "", true],
    ["**", "x", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "a.b.b.c", true],
    ["a*b*c", "a.c.b", false],
    ["ab*ba", "aba", false],
    ["w[ab]*", "wax", true],
    ["w[ab]*", "wcx", false],
    ["n[!ab]*", "nxx", true],
    ["n[!ab]*", "nax", false],
    ["r[a-c]*", "rb1", true],
    ["r[a-c]*", "rd1", false],
    ["h[]x]*", "h]1", true],
    ["h[]x]*", "hx", true],
    ["h[]x]*", "hy", false],
    ["k]*[", "k]q[", true],
    ["a?c*", "abcd", true],
    ["a?c*", "acd", false],
    ["v.*", "v.\nx", true],
    ["a.*", "a+x", false],
    ["*?", "", false],
    ["?*", "😀", true],
    ["[a-]*", "-", true],
    ["[!]]*", "]", false],
    ["exact", "exact", true],
    ["exact", "exactly", false],
  ])("%j on %j is %s", (pattern, name, expected) => {
    expect(compileGlob(pattern)(name)).toBe(expected);
  });

  it("agrees with the obvious regular expression on stars and question marks", () => {
    const letters = (alphabet: readonly string[]) =>
      fc.array(fc.constantFrom(...alphabet), { maxLength: 8 }).map((all) => all.join(""));
    fc.assert(
      fc.property(letters(["a", "b", "*", "?"]), letters(["a", "b"]), (pattern, name) => {
        const regex = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
        expect(compileGlob(pattern)(name)).toBe(regex.test(name));
      }),
      { numRuns: 500 },
    );
  });

  it("stays quick where backtracking would not end", () => {
    const matches = compileGlob(`${"a*".repeat(30)}b`);
    const started = performance.now();
    expect(matches("a".repeat(20_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
