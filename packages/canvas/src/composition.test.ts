import { describe, expect, it } from "vitest";
import { draw } from "../test/draw.js";
import { chain, chord, group, signatureOf } from "./index.js";

const t = (name: string, ...args: readonly unknown[]) => signatureOf(name, args);

describe("immutable()", () => {
  it("makes what would take the result before it ignore it", () => {
    const flags = (workflow: { toJSON(): unknown }): unknown[] =>
      [...JSON.stringify(workflow.toJSON()).matchAll(/"task":"(\w+)".*?"immutable":(\w+)/g)].map(([, task, flag]) =>
        flag === "true" ? task : undefined,
      );
    expect(flags(group(t("a"), t("b")).immutable())).toEqual(expect.arrayContaining(["a", "b"]));
    const joined = chain(t("x"), chain(t("a"), t("b")).immutable());
    expect(joined.toJSON().kwargs.tasks).toMatchObject([
      { task: "x", immutable: false },
      { task: "a", immutable: true },
      { task: "b", immutable: false },
    ]);
    expect(
      chord([t("a")], t("b"))
        .immutable()
        .toJSON().kwargs,
    ).toMatchObject({
      header: [{ immutable: true }],
      body: { immutable: false },
    });
    expect(t("a", 1).immutable().clone([2]).toJSON().args).toEqual([1]);
  });
});

describe("replace()", () => {
  it("puts arguments and options in the place of a signature's own", () => {
    const own = signatureOf("a", [1], { kwargs: { x: 1 }, queue: "slow", priority: 3 });
    expect(own.replace({ args: [2], options: { queue: "fast" } }).toJSON()).toMatchObject({
      args: [2],
      kwargs: { x: 1 },
      options: { queue: "fast" },
    });
    expect(own.replace({ options: {} }).toJSON().options).toEqual({});
    expect(own.replace({ kwargs: {} }).toJSON().kwargs).toEqual({});
    expect(own.replace({}).toJSON()).toEqual(own.toJSON());
    expect(() => chain(t("a"), t("b")).replace({ kwargs: {} })).toThrow(/no keyword arguments of its own/);
  });
});

describe("a header", () => {
  it("may come from a generator, which is read once", () => {
    function* tasks() {
      for (const name of ["a", "b"]) yield t(name);
    }
    expect(draw(chord(tasks(), t("body")))).toBe("chord([a, b], body)");
    expect(draw(group(tasks()))).toBe("group(a, b)");
    expect(draw(chord(new Set([t("a")]), t("body")))).toBe("chord([a], body)");
  });
});
