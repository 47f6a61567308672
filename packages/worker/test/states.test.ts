import { context, createDeferred, encodeTask } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { settle } from "./support/fake-clock.js";
import { numberSchema } from "./support/number-schema.js";
import { createStage } from "./support/stage.js";
import { wrapBackend } from "./support/wrap-backend.js";

describe("whether a result is stored", () => {
  // The call wins over the task, the task over the settings.
  it.each([
    { call: undefined, task: undefined, setting: false, stored: true },
    { call: undefined, task: undefined, setting: true, stored: false },
    { call: undefined, task: false, setting: true, stored: true },
    { call: undefined, task: true, setting: false, stored: false },
    { call: false, task: true, setting: true, stored: true },
    { call: true, task: false, setting: false, stored: false },
  ])("call $call, task $task, setting $setting: $stored", async ({ call, task: own, setting, stored }) => {
    const { app, work, backend } = createStage({ config: { taskIgnoreResult: setting } });
    const task = app.task("t", own === undefined ? {} : { ignoreResult: own }, () => 1);
    const worker = await work();
    const sent = await task.call([], call === undefined ? {} : { ignoreResult: call });
    await settle();
    await worker.stop();
    expect((await backend.fetch(sent.id))?.status).toBe(stored ? "SUCCESS" : undefined);
  });

  it("errors of ignored results are stored when the task or the settings want them", async () => {
    const { app, work } = createStage({ config: { taskStoreErrorsEvenIfIgnored: true } });
    const fail = (): never => {
      throw new TypeError("boom");
    };
    const kept = app.task("kept", { ignoreResult: true }, fail);
    const dropped = app.task("dropped", { ignoreResult: true, storeErrorsEvenIfIgnored: false }, fail);
    const worker = await work();
    const sent = [await kept.delay(), await dropped.delay()];
    await settle();
    await worker.stop();
    expect(await Promise.all(sent.map((one) => app.result(one.id).state()))).toEqual(["FAILURE", "PENDING"]);
  });
});

describe("states on the way", () => {
  it("STARTED says where, when the task or the settings want it, and never for ignored results", async () => {
    const { app, work, backend } = createStage({ config: { taskTrackStarted: true } });
    const gate = createDeferred<void>();
    const task = app.task("t", () => gate.promise);
    const quiet = app.task("quiet", { trackStarted: false }, () => gate.promise);
    const worker = await work();
    const [tracked, ignored] = [await task.delay(), await task.call([], { ignoreResult: true })];
    const untracked = await quiet.delay();
    await vi.waitFor(async () => expect(await tracked.state()).toBe("STARTED"));
    await settle();
    expect((await backend.fetch(tracked.id))?.result).toEqual({ pid: process.pid, hostname: worker.hostname });
    expect(await backend.fetch(ignored.id)).toBeUndefined();
    expect(await untracked.state()).toBe("PENDING");
    gate.resolve();
  });

  it("progress is stored before it resolves, and the handle yields it", async () => {
    const { app, work } = createStage();
    const gate = createDeferred<void>();
    const task = app.task("t", { bind: true, progress: numberSchema }, async (ctx) => {
      for (const pct of [0, 50, 100]) {
        await ctx.progress(pct);
        if (pct === 0) await gate.promise;
      }
      return "done";
    });
    await work();
    const sent = await task.delay();
    const seen: number[] = [];
    for await (const pct of sent.progress({ timeout: "5s" })) {
      seen.push(pct);
      gate.resolve();
    }
    expect(seen).toEqual([0, 50, 100]);
    await expect(sent.get()).resolves.toBe("done");
  });

  it("progress that does not fit its schema fails the task", async () => {
    const { app, work } = createStage();
    const task = app.task("t", () => context<unknown>().progress("half"));
    const typed = app.task("typed", { progress: numberSchema }, () => context<unknown>().progress("half"));
    await work();
    await expect(task.delay().get({ timeout: "5s" })).resolves.toBeNull();
    await expect(typed.delay().get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "TypeError" });
  });

  it("a state of the task's own is stored as it is", async () => {
    const { app, work, backend } = createStage();
    const gate = createDeferred<void>();
    const task = app.task("t", { bind: true }, async (ctx) => {
      await ctx.updateState("INDEXING", { file: "a.txt" });
      await gate.promise;
    });
    await work();
    const sent = await task.delay();
    await vi.waitFor(async () => expect(await sent.state()).toBe("INDEXING"));
    expect((await backend.fetch(sent.id))?.result).toEqual({ file: "a.txt" });
    gate.resolve();
    await sent.get({ timeout: "5s" });
  });

  it("G12: a report nobody awaited does not come after the end", async () => {
    const { app, work, backend } = createStage({
      wrapBackend: (memory) =>
        wrapBackend(memory, async (record, store) => {
          if (record.status === "PROGRESS") await settle(20); // slower than the failure that follows
          await store.store(record);
        }),
    });
    const late = createDeferred<void>();
    const task = app.task("t", { bind: true }, (ctx) => {
      void ctx.progress(1);
      setImmediate(() => void ctx.progress(2).then(late.resolve));
      throw new Error("boom");
    });
    await work();
    const sent = await task.delay();
    await vi.waitFor(async () => expect(await sent.state()).toBe("FAILURE"));
    await late.promise;
    await settle(40);
    expect((await backend.fetch(sent.id))?.status).toBe("FAILURE");
  });
});

describe("what a failure looks like to who waits", () => {
  it("has class, arguments and traceback as data", async () => {
    const { app, work } = createStage();
    const task = app.task("t", () => {
      throw new TypeError("boom");
    });
    await work();
    const sent = await task.delay();
    await expect(sent.get({ timeout: "5s" })).rejects.toMatchObject({
      name: "TaskError",
      code: "TASK_FAILED",
      pyType: "TypeError",
      pyModule: "builtins",
      args: ["boom"],
      taskId: sent.id,
      traceback: expect.stringContaining("boom"),
    });
  });

  it("is EncodeError for a result that has no form on the wire, without a retry", async () => {
    const { app, work } = createStage();
    const body = vi.fn(() => ({ bad: Number.NaN }));
    const task = app.task("t", { retry: { max: 5, delay: 0 } }, body);
    await work();
    await expect(task.delay().get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "EncodeError" });
    expect(body).toHaveBeenCalledTimes(1);
  });

  it("is a FAILURE of the hard limit, and the signal of the soft one", async () => {
    const { app, work } = createStage();
    const soft = app.task("soft", { softTimeLimit: 0.02 }, async () => {
      const { signal } = context();
      await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const hard = app.task("hard", { timeLimit: 5 }, () => new Promise(() => undefined));
    await work();
    await expect(soft.delay().get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "SoftTimeLimitExceeded" });
    await expect(hard.call([], { timeLimit: 0.02 }).get({ timeout: "5s" })).rejects.toMatchObject({
      pyType: "TimeLimitExceeded",
      args: [0.02],
    });
  });

  it("follows the task's own limit when the sender knew none", async () => {
    const { app, work, put } = createStage({ config: { taskTimeLimit: 60 } });
    const { name } = app.task("hard", { timeLimit: "20ms" }, () => new Promise(() => undefined));
    await work();
    await put(encodeTask({ id: "from-python", task: name, args: [], kwargs: {} }));
    await expect(app.result("from-python").get({ timeout: "5s" })).rejects.toMatchObject({
      pyType: "TimeLimitExceeded",
      args: [0.02],
    });
  });
});
