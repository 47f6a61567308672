import { describe, expect, it } from "vitest";
import { matches, matchesTopic } from "./binding.js";

describe("matchesTopic", () => {
  it.each([
    ["mail.in", "mail.in", true],
    ["mail.in", "mail.out", false],
    ["mail.*", "mail.in", true],
    ["mail.*", "mail.in.spam", false],
    ["mail.*", "mail", false],
    ["*.in", "mail.in", true],
    ["mail.#", "mail.in.spam", true],
    ["mail.#", "mail", true],
    ["#", "", true],
    ["#", "a.b.c", true],
    ["#.c", "a.b.c", true],
    ["a.#.c", "a.c", true],
    ["a.#.c", "a.b.b.c", true],
    ["a.#.c", "a.b.b.d", false],
    ["", "", true],
    ["", "a", false],
  ])("%j against %j: %s", (bindingKey, routingKey, expected) => {
    expect(matchesTopic(bindingKey, routingKey)).toBe(expected);
  });
});

describe("matches", () => {
  it("takes everything through a fanout binding without a key", () => {
    expect(matches({ exchange: "x", type: "fanout", routingKey: "" }, "any.key")).toBe(true);
  });

  it("filters a fanout binding by its key when it has one", () => {
    const binding = { exchange: "x", type: "fanout", routingKey: "worker.#" } as const;
    expect([matches(binding, "worker.online"), matches(binding, "task.sent")]).toEqual([true, false]);
  });
});
