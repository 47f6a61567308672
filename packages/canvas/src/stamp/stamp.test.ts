import { createApp } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { chain, chord, group, plan, signatureOf, stamp } from "../index.js";

const sig = (name: string) => signatureOf<[], number>(name);

describe("stamps", () => {
  it("travel as headers with every message of a workflow, its chord's body and callbacks included", () => {
    let ids = 0;
    const flow = chord([sig("a"), chain(sig("b"), sig("c"))], signatureOf("body")).link(sig("after"));
    const { steps } = plan(flow.stamp({ by: "me" }), { newId: () => `id${ids++}` });
    const tasks = steps.flatMap((step) => (step.kind === "publish" ? [step.task] : []));
    expect(tasks.map(({ options }) => options.stamps)).toEqual([{ by: "me" }, { by: "me" }]);
    for (const { embed } of tasks) {
      const later = embed.chord ?? embed.chain?.[0]?.options.chord;
      expect(later).toMatchObject({
        options: { by: "me", stamped_headers: ["by"], link: [{ options: { by: "me" } }] },
      });
    }
    expect(tasks[1]?.embed.chain).toMatchObject([{ task: "c", options: { by: "me" } }]);
  });

  it("are decided part by part by a visitor, which hears of the end of each composite", () => {
    const heard: string[] = [];
    class Visitor {
      onSignature({ task }: { readonly task: string }): Record<string, string> {
        heard.push(task);
        return { name: task };
      }
      onGroupEnd(): void {
        heard.push("end of group");
      }
      onChainEnd(): void {
        heard.push("end of chain");
      }
    }
    const flow = chain(sig("a"), group(sig("b"), sig("c"))).stamp(new Visitor());
    expect(heard).toEqual(["a", "b", "c", "end of group", "end of chain"]);
    expect(JSON.stringify(flow.toJSON())).toContain('"name":"c"');
  });

  it("are put on a task's own signature by a function, and keep its methods", () => {
    const app = createApp("stamps", { taskAlwaysEager: true });
    const add = app.task("add", (a: number, b: number) => a + b);
    const after = app.task("after", (n: number) => n);
    const stamped = stamp(add.s(1).link(after.s()), { by: "me" }, { appendStamps: true });
    expect(stamped.options).toMatchObject({ by: "me", link: [{ options: { by: "me" } }] });
    expect(stamp(stamped, { by: "you" }, { appendStamps: true }).options.by).toEqual(["you", "me"]);
    expect(stamped.delay(2).id).toEqual(expect.any(String));
    const flow = stamp(chain(add.s(1)), { by: "me" });
    expect(flow.kind).toBe("chain");
  });

  it("must not be named like an option", () => {
    expect(() => chain(sig("a")).stamp({ queue: "x" })).toThrow(/option of its own/);
  });
});
