import type { OutgoingTask, TaskRequest } from "@celeriac/core";
import { context, createDeferred, encodeTask } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { sampleSignature } from "./support/sample-request.js";
import { createStage } from "./support/stage.js";

interface Witness {
  readonly args: readonly unknown[];
  readonly request: TaskRequest;
}

/** A task that reports how it was called. */
function witness(stage: ReturnType<typeof createStage>, name: string): { seen: Promise<Witness>; calls: Witness[] } {
  const first = createDeferred<Witness>();
  const calls: Witness[] = [];
  stage.app.task(name, (...args: unknown[]) => {
    const call = { args, request: context().request };
    calls.push(call);
    first.resolve(call);
    return args[0];
  });
  return { seen: first.promise, calls };
}

describe("link", () => {
  it("sends the callback with the result in front of its own arguments, as a child", async () => {
    const stage = createStage();
    const add = stage.app.task("add", (a: number, b: number) => a + b);
    const { seen } = witness(stage, "after");
    await stage.work();
    const sent = await add.call([1, 2], { link: stage.app.signature("after", [10]) });
    const { args, request } = await seen;
    expect(args).toEqual([3, 10]);
    expect(request).toMatchObject({ parentId: sent.id, rootId: sent.id });
    expect((await sent.meta())?.children).toEqual([[[request.id, null], null]]);
  });

  it("leaves an immutable callback its own arguments", async () => {
    const stage = createStage();
    const add = stage.app.task("add", (a: number, b: number) => a + b);
    const { seen } = witness(stage, "after");
    await stage.work();
    await add.call([1, 2], { link: sampleSignature({ task: "after", args: ["own"], immutable: true }) });
    expect((await seen).args).toEqual(["own"]);
  });

  it("follows the callback's own options", async () => {
    const stage = createStage({ config: { taskQueues: ["celery", "io"] } });
    const add = stage.app.task("add", (a: number, b: number) => a + b);
    const { seen } = witness(stage, "after");
    const worker = await stage.work();
    const after = stage.app.signature("after").set({ queue: "io", priority: 6, taskId: "chosen", expires: "1h" });
    await add.call([1, 2], { link: after });
    const { request } = await seen;
    expect(worker.queues.map(({ name }) => name)).toEqual(["celery", "io"]);
    expect(request).toMatchObject({ id: "chosen", priority: 6 });
    expect(request.message.properties).toMatchObject({ expiration: "3600000" });
  });

  it("calls every callback once, and none when the task fails", async () => {
    const stage = createStage();
    const task = stage.app.task("t", (fail: boolean) => {
      if (fail) throw new Error("boom");
      return 1;
    });
    const first = witness(stage, "first");
    const second = witness(stage, "second");
    await stage.work();
    const link = [stage.app.signature("first"), stage.app.signature("second")];
    await expect(task.call([true], { link }).get({ timeout: "5s" })).rejects.toThrow("boom");
    await task.call([false], { link }).get({ timeout: "5s" });
    await Promise.all([first.seen, second.seen]);
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
  });

  it("passes the priority on when the settings say so", async () => {
    const stage = createStage({ config: { taskInheritParentPriority: true } });
    const task = stage.app.task("t", () => 1);
    const { seen } = witness(stage, "after");
    await stage.work();
    await task.call([], { priority: 9, link: stage.app.signature("after") });
    expect((await seen).request.priority).toBe(9);
  });
});

describe("link_error", () => {
  it("sends the errback with the id of the failed task, after the failure is stored", async () => {
    const stage = createStage();
    const task = stage.app.task("t", () => {
      throw new Error("boom");
    });
    const states: (string | undefined)[] = [];
    const seen = createDeferred<unknown>();
    stage.app.task("sorry", async (id: string) => {
      states.push((await stage.backend.fetch(id))?.status);
      seen.resolve(id);
    });
    await stage.work();
    const sent = await task.call([], { linkError: stage.app.signature("sorry") });
    await expect(seen.promise).resolves.toBe(sent.id);
    expect(states).toEqual(["FAILURE"]);
  });
});

describe("a chain of single tasks", () => {
  const step = (id: string, own: number): ReturnType<typeof sampleSignature> =>
    sampleSignature({ task: "add", args: [own], options: { task_id: id } });
  const chained = (embed: OutgoingTask["embed"]): OutgoingTask => ({
    id: "one",
    task: "add",
    args: [1, 2],
    kwargs: {},
    ...(embed === undefined ? {} : { embed }),
  });

  it("is handed from step to step", async () => {
    const { app, work, put } = createStage();
    app.task("add", (a: number, b: number) => a + b);
    await work();
    await put(encodeTask(chained({ chain: [step("three", 10), step("two", 5)] })));
    await expect(app.result("three").get({ timeout: "5s" })).resolves.toBe(18);
    await expect(app.result("two").get({ timeout: "5s" })).resolves.toBe(8);
    expect((await app.result("two").meta())?.parentId).toBe("one");
    expect((await app.result("three").meta())?.parentId).toBe("two");
  });

  it("fails as a whole when a step fails: nobody waits for the rest in vain", async () => {
    const { app, work, put } = createStage();
    app.task("add", (a: number, b: number) => {
      if (b === 5) throw new RangeError("too much");
      return a + b;
    });
    await work();
    await put(encodeTask(chained({ chain: [step("three", 10), step("two", 5)] })));
    for (const id of ["two", "three"]) {
      await expect(app.result(id).get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "RangeError" });
    }
    await expect(app.result("one").get({ timeout: "5s" })).resolves.toBe(3);
  });

  it("runs in eager mode too", async () => {
    const { app } = createStage({ config: { taskAlwaysEager: true, taskStoreEagerResult: true } });
    app.task("add", (a: number, b: number) => a + b);
    const embed = { chain: [step("three", 10), step("two", 5)] };
    await app.sendSignature(sampleSignature({ task: "add", args: [1, 2] }), [], {}, embed);
    await vi.waitFor(async () => expect((await app.result("three").meta())?.result).toBe(18));
  });
});

describe("what can never be sent", () => {
  it("fails the task and keeps the message, instead of running it for ever", async () => {
    const { app, work, broker, store } = createStage({ config: { taskCreateMissingQueues: false } });
    const body = vi.fn(() => 1);
    const task = app.task("t", { acksLate: true }, body);
    const next = app.task("next", () => 2);
    await work();
    const sent = await task.call([], { link: sampleSignature({ options: { queue: "nowhere" } }) });
    await expect(sent.get({ timeout: "5s" })).rejects.toMatchObject({ code: "TASK_FAILED" });
    await vi.waitFor(() => expect(store.length("celery")).toBe(0));
    expect(await broker.deadLetters.list()).toMatchObject([{ reason: "SETTLEMENT_FAILED", taskId: sent.id }]);
    await expect(next.delay().get({ timeout: "5s" })).resolves.toBe(2);
    expect(body).toHaveBeenCalledTimes(1);
  });
});
