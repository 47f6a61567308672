import { describe, expect, it } from "vitest";
import { draw } from "../../test/draw.js";
import { chain, chord, freeze, group, plan, signatureOf } from "../index.js";

const t = (name: string) => signatureOf(name);
const counter = (): (() => string) => {
  let count = 0;
  return () => `id${count++}`;
};

describe("a step after a chord whose body is a group", () => {
  it("joins the group first, instead of following each member", () => {
    const ends = chord([t("a")], group(t("b"), t("c")));
    expect(draw(chain(ends, chord([t("d")], t("e"))))).toBe("chain(chord([a], chord([b, c], chord([d], e))))");
    expect(draw(chain(ends, chain(t("d"), t("e"))))).toBe("chain(chord([a], chord([b, c], chain(d, e))))");
    expect(draw(chain(t("z"), ends, chord([t("d")], t("e"))))).toBe(
      "chain(z, chord([a], chord([b, c], chord([d], e))))",
    );
  });
});

describe("a group of one", () => {
  it("is its member in a chain, also when nested or empty ones hide it", () => {
    expect(draw(chain(t("a"), group(group(t("b")), chain()), t("c")))).toBe("chain(a, b, c)");
    expect(draw(chain(group(t("a"), t("b")), group(t("c"))))).toBe("chord([a, b], c)");
  });

  it("is the same before and after it has its ids", () => {
    const flow = chord([t("x")], chain(t("a"), group(group(), t("b"))));
    const once = freeze(flow, { newId: counter() }).workflow;
    expect(draw(freeze(once, { newId: counter() }).workflow)).toBe(draw(once));
  });
});

describe("a group that returns to a chord around it", () => {
  it("has an id of its own, so that sending it does not change the size the chord waits for", () => {
    const { steps } = plan(chord([chain(t("a"), group(t("b"), t("c"))), t("d")], t("body")), { newId: counter() });
    const [size] = steps.filter((step) => step.kind === "setChordSize");
    const [first] = steps.flatMap((step) => (step.kind === "publish" ? [step.task] : []));
    const next = first?.embed.chain?.[0];
    expect(size).toMatchObject({ size: 3 });
    expect(next?.options.task_id).not.toBe(size?.kind === "setChordSize" && size.groupId);
    const later = plan({ toJSON: () => next ?? t("x").toJSON() }, { newId: counter() });
    expect(later.steps.map(({ kind }) => kind)).toEqual(["publish", "publish"]);
    const groups = later.steps.map((step) => (step.kind === "publish" ? step.task.group : ""));
    expect(groups).toEqual([size?.kind === "setChordSize" && size.groupId, groups[0]]);
  });
});
