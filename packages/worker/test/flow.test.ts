import { describe, expect, it } from "vitest";
import { createStage } from "./support/stage.js";

describe("a task goes round", () => {
  it("runs in the worker and its result comes back", async () => {
    const { app, work, store } = createStage();
    const add = app.task("math.add", (a: number, b: number) => a + b);
    await work();
    await expect(add.delay(1, 2).get({ timeout: "5s" })).resolves.toBe(3);
    expect(store.length("celery")).toBe(0);
  });
});
