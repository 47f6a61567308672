import { describe, expect, it } from "vitest";
import { chord, group, plan, signatureOf } from "../index.js";
import { chordSizeIn } from "./chord-size.js";

describe("a chord's body in its header's messages", () => {
  it("says how many completions it waits for, nested ones counted", () => {
    const task = signatureOf("t");
    let ids = 0;
    const newId = (): string => `id-${ids++}`;
    const { steps } = plan(chord([task, group(task, task)], signatureOf("body")), { newId });
    const bodies = steps.flatMap((step) => (step.kind === "publish" ? [step.task.embed.chord] : []));
    expect(bodies.map((body) => body && chordSizeIn(body))).toEqual([3, 3, 3]);
  });
});
