import { describe, expect, it } from "vitest";
import { context } from "../execution/index.js";
import { createApp } from "./create-app.js";

function setUp(config = {}) {
  const app = createApp("eager", { taskAlwaysEager: true, ...config });
  const seen: unknown[] = [];
  const note = app.task("note", (value: unknown) => void seen.push(value));
  return { app, note, seen };
}

describe("a task that replaces itself by another one in eager mode", () => {
  it("ends with the other one's result, under its own id, with the callbacks of both", async () => {
    const { app, note, seen } = setUp();
    const other = app.task("other", { bind: true }, (ctx, n: number) => `${ctx.id} ${n}`);
    const replaced = app.task("replaced", (): string => context().replace(other.s(2).link(note.s())));
    const handle = await replaced.call([], { taskId: "mine", link: note.s() });
    await expect(handle.get()).resolves.toBe("mine 2");
    await expect(handle.state()).resolves.toBe("SUCCESS");
    expect(seen).toEqual(["mine 2", "mine 2"]);
  });

  it("counts how often it was replaced, and is stopped when there is no end", async () => {
    const { app } = setUp();
    const down = app.task("down", { bind: true }, (ctx, n: number): unknown =>
      n === 0 ? ctx.request.replacedTaskNesting : ctx.replace(app.signature("down", [n - 1])),
    );
    await expect(down.delay(3).get()).resolves.toBe(3);
    const endless = app.task("endless", { bind: true }, (ctx): unknown => ctx.replace(app.signature("endless")));
    await expect(endless.delay().get()).rejects.toThrow("1000 times in a row");
  });

  it("fails with the other one, at the call itself when taskEagerPropagates is set", async () => {
    for (const taskEagerPropagates of [false, true]) {
      const { app } = setUp({ taskEagerPropagates });
      const fail = app.task("fail", (): number => {
        throw new RangeError("boom");
      });
      const replaced = app.task("replaced", (): number => context().replace(fail.s()));
      const sending = replaced.delay();
      if (taskEagerPropagates) await expect(sending).rejects.toMatchObject({ pyType: "RangeError" });
      await expect(sending.get()).rejects.toMatchObject({ pyType: "RangeError" });
    }
  });

  it("says what to do when a workflow was read from a dictionary, which nothing here can run", async () => {
    const { app } = setUp();
    const wire = {
      task: "celery.chain",
      args: [],
      kwargs: { tasks: [] },
      options: {},
      subtask_type: "chain",
      immutable: false,
    };
    const replaced = app.task("replaced", (): number => context().replace({ toJSON: () => wire }));
    await expect(replaced.delay()).rejects.toThrow("startWorkflow()");
  });
});
