import { describe, expect, it } from "vitest";
import { entryOf, listenersOf, parseTable, targetsOf, topicPattern } from "./binding-entry.js";

describe("entries", () => {
  it("are kombu's", () => {
    const queue = { name: "q", routingKey: "mail.*", exchange: { name: "x", type: "topic" } } as const;
    expect(entryOf(queue)).toEqual(["mail.*", "^mail\\.[^\\.]+$", "q"]);
    expect(entryOf({ ...queue, exchange: { name: "x", type: "direct" } })).toEqual(["mail.*", "", "q"]);
  });

  it.each([
    ["#", "^.*?$"],
    ["a.#", "^a\\..*?$"],
    ["*.b-c", "^[^\\.]+\\.b\\-c$"],
    ["plain", "^plain$"],
  ])("%j becomes the regular expression %j", (key, pattern) => {
    expect(topicPattern(key)).toBe(pattern);
  });
});

describe("routing", () => {
  const table = [
    ["red", "", "one"],
    ["red", "", "two"],
    ["blue", "", "three"],
    ["mail.#", "^mail\\..*?$", "four"],
    ["", "", "five"],
    ["", "(?P<python>only)", "six"],
  ] as const;

  it("takes the queues bound to a direct exchange with the same key", () => {
    expect(targetsOf(table, "direct", "red")).toEqual(["one", "two"]);
  });

  it("takes the queues whose pattern matches on a topic exchange, passing over what only Python understands", () => {
    expect(targetsOf(table.slice(3), "topic", "mail.in")).toEqual(["four"]);
  });

  it("takes every queue of a fanout exchange, once", () => {
    expect(targetsOf(table, "fanout", "any")).toEqual(["one", "two", "three", "four", "five", "six"]);
  });

  it("broadcasts to listeners without a key and to those whose key matches", () => {
    expect(listenersOf(table, "mail.in")).toEqual(["four", "five"]);
  });
});

describe("parseTable", () => {
  it("reads entries and leaves out what is none", () => {
    expect(parseTable('[["k", "", "q"], ["k", null, "q"], 5]')).toEqual([["k", "", "q"]]);
  });

  it.each(["", '[["k", "', "{}"])("says that %j is not complete", (text) => {
    expect(parseTable(text)).toBeUndefined();
  });
});
