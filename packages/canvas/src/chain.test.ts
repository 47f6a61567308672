import { describe, expect, it } from "vitest";
import { draw } from "../test/draw.js";
import { chain, chord, group, signatureOf } from "./index.js";

const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((name) => signatureOf(name)) as [S, S, S, S, S];
type S = ReturnType<typeof signatureOf>;

describe("chain", () => {
  it.each([
    ["unfolds chains inside", chain(a, chain(b, chain(c)), d), "chain(a, b, c, d)"],
    ["turns a group followed by a task into a chord", chain(group(a, b), c), "chord([a, b], c)"],
    ["does so in the middle too", chain(a, group(b, c), d), "chain(a, chord([b, c], d))"],
    ["lets what follows a chord follow its body", chain(chord([a], b), c, d), "chain(chord([a], chain(b, c, d)))"],
    ["does so for a chord in the middle", chain(a, chord([b], c), d), "chain(a, chord([b], chain(c, d)))"],
    ["may end in a group", chain(a, group(b, c)), "chain(a, group(b, c))"],
    ["gives a chord a group as body", chain(group(a, b), group(c, d), e), "chord([a, b], chord([c, d], e))"],
    ["takes a group of one for its member", chain(a, group(b), c), "chain(a, b, c)"],
    ["is the group when it has nothing else", chain(group(a, b)), "group(a, b)"],
    [
      "joins a chord to the chord before it",
      chain(a, group(b, c), group(d), e),
      "chain(a, chord([b, c], chain(d, e)))",
    ],
    ["keeps two given chords apart", chain(chord([a], b), chord([c], d)), "chain(chord([a], b), chord([c], d))"],
    ["may be empty", chain(), "chain()"],
    ["forgets empty chains", chain(chain(), a, chain(), b), "chain(a, b)"],
    ["makes an empty group a chord without header", chain(group(), a), "chord([], a)"],
  ])("%s", (_name, workflow, drawn) => {
    expect(draw(workflow)).toBe(drawn);
  });

  it("puts a chain's callbacks on its last step and its errbacks on each, once it is extended", () => {
    const extended = chain(chain(a, b).link(d).onError(e), c).toJSON();
    const options = (extended.kwargs.tasks as { options: unknown }[]).map((task) => task.options);
    expect(options).toEqual([{ link_error: [e.toJSON()] }, { link: [d.toJSON()], link_error: [e.toJSON()] }, {}]);
  });

  it("pipes like Celery's |", () => {
    expect(draw(group(a, b).pipe(c).pipe(group(d, e)))).toBe("chain(chord([a, b], c), group(d, e))");
    expect(draw(chain(a, b).pipe(chain(c, d)))).toBe("chain(a, b, c, d)");
  });

  it("leaves what it is made of as it was", () => {
    const first = chain(a, group(b, c));
    const before = JSON.stringify(first.toJSON());
    first.pipe(d).clone([1]).set({ queue: "q" }).onError(e);
    expect(JSON.stringify(first.toJSON())).toBe(before);
  });
});
