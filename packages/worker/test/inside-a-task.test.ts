import { context, createDeferred } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { createStage } from "./support/stage.js";

describe("inside a task", () => {
  it("waiting for another one's result is refused, unless it is asked for", async () => {
    const { app, work } = createStage();
    const inner = app.task("inner", () => 7);
    const waits = app.task("waits", () => inner.delay().get({ timeout: "5s" }));
    const insists = app.task("insists", () => inner.delay().get({ timeout: "5s", allowInTask: true }));
    await work();
    await expect(waits.delay().get({ timeout: "5s" })).rejects.toThrow("get() was called inside a task");
    await expect(insists.delay().get({ timeout: "5s" })).resolves.toBe(7);
  });

  it("what it sends is its child, and knows its parent and root", async () => {
    const { app, work, broker, backend } = createStage();
    const gate = createDeferred<void>();
    const leaf = app.task("leaf", () => {
      const { rootId, parentId } = context().request;
      return { rootId, parentId };
    });
    const helper = app.task("helper", async () => (await leaf.delay()).id); // called as a function below
    const root = app.task("root", async () => {
      await gate.promise;
      return [(await leaf.delay()).id, await helper(), (await leaf.call([], { addToParent: false })).id];
    });
    await work();
    const sent = await root.call([], { priority: 6 });
    gate.resolve();
    const ids = await sent.get({ timeout: "5s" });
    for (const id of ids) {
      await expect(app.result(id).get({ timeout: "5s" })).resolves.toEqual({ rootId: sent.id, parentId: sent.id });
    }
    expect((await backend.fetch(sent.id))?.children).toEqual(ids.slice(0, 2).map((id) => [[id, null], null]));
    expect(await broker.deadLetters.count()).toBe(0);
  });

  it("the context survives every await, and each task has its own", async () => {
    const { app, work } = createStage();
    const task = app.task("t", async (wait: number) => {
      const before = context().id;
      await new Promise((resolve) => setTimeout(resolve, wait));
      await Promise.resolve();
      return before === context().id ? before : "mixed up";
    });
    await work();
    const all = [3, 1, 2, 0].map((wait) => task.delay(wait));
    expect(await Promise.all(all.map((one) => one.get({ timeout: "5s" })))).toEqual(all.map(({ id }) => id));
  });

  it("two apps and two workers in one process do not meet", async () => {
    const [one, two] = [createStage(), createStage()];
    const first = one.app.task("t", () => "one");
    const second = two.app.task("t", () => "two");
    await Promise.all([one.work(), two.work()]);
    const results = [first.delay(), second.delay()].map((sent) => sent.get({ timeout: "5s" }));
    expect(await Promise.all(results)).toEqual(["one", "two"]);
  });
});
