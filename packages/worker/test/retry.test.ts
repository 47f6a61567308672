import { Ignore, MaxRetriesExceededError, Reject, TaskError } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { FakeClock, settle } from "./support/fake-clock.js";
import { sampleSignature } from "./support/sample-request.js";
import { createStage } from "./support/stage.js";

/** The messages waiting in `celery`, headers only. */
function waiting(store: ReturnType<typeof createStage>["store"], queue = "celery"): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  for (let next = store.queue(queue).shift(); next !== undefined; next = store.queue(queue).shift()) {
    const { headers, properties } = JSON.parse(String(next.raw));
    messages.push({ ...headers, priority: properties.priority });
  }
  return messages;
}

describe("retry", () => {
  it("sends the task again with the same id, and the second attempt succeeds", async () => {
    const { app, work } = createStage();
    const seen: [string, number, string | null][] = [];
    const task = app.task("t", { bind: true }, (ctx, value: number) => {
      seen.push([ctx.id, ctx.retries, ctx.request.parentId]);
      if (ctx.retries === 0) ctx.retry({ countdown: 0, cause: new Error("not yet") });
      return value;
    });
    await work();
    const sent = await task.delay(7);
    await expect(sent.get({ timeout: "5s" })).resolves.toBe(7);
    expect(seen).toEqual([
      [sent.id, 0, null],
      [sent.id, 1, sent.id],
    ]);
  });

  it("keeps queue, priority, headers and callbacks, and stores RETRY with the reason", async () => {
    const clock = new FakeClock();
    const { app, work, store, backend } = createStage({ config: { clock, taskQueues: ["celery", "io"] } });
    const task = app.task("t", { bind: true }, (ctx) => ctx.retry({ countdown: "5s", cause: new TypeError("why") }));
    const worker = await work();
    const sent = await task.call([], {
      queue: "io",
      priority: 6,
      headers: { tenant: "acme" },
      link: sampleSignature({ task: "after" }),
    });
    await vi.waitFor(async () => expect(await sent.state()).toBe("RETRY"));
    expect((await backend.fetch(sent.id))?.result).toMatchObject({ exc_type: "TypeError", exc_message: ["why"] });
    await worker.stop();
    const [message, ...others] = waiting(store, "io");
    expect(others).toEqual([]);
    expect(message).toMatchObject({
      id: sent.id,
      root_id: sent.id,
      parent_id: sent.id,
      retries: 1,
      priority: 6,
      tenant: "acme",
      eta: "2030-01-01T00:00:05+00:00",
    });
  });

  it("takes replacement arguments", async () => {
    const { app, work } = createStage();
    const task = app.task("t", { bind: true }, (ctx, value: number): number => {
      if (value > 2) return value;
      return ctx.retry({ countdown: 0, args: [value + 1], maxRetries: 9 });
    });
    await work();
    await expect(task.delay(0).get({ timeout: "5s" })).resolves.toBe(3);
  });

  it("fails with the cause when no attempt is left, else with MaxRetriesExceededError", async () => {
    const { app, work } = createStage();
    const runs = { withCause: 0, without: 0 };
    const withCause = app.task("a", { bind: true, maxRetries: 2 }, (ctx) => {
      runs.withCause += 1;
      return ctx.retry({ countdown: 0, cause: new RangeError("enough") });
    });
    const without = app.task("b", { bind: true, maxRetries: 1 }, (ctx) => {
      runs.without += 1;
      return ctx.retry({ countdown: 0 });
    });
    await work();
    await expect(withCause.delay().get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "RangeError" });
    await expect(without.delay().get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "MaxRetriesExceededError" });
    expect(runs).toEqual({ withCause: 3, without: 2 });
  });

  it("follows the task's policy: on, except, max", async () => {
    const { app, work } = createStage();
    const runs: string[] = [];
    const options = { retry: { on: [Error], except: [RangeError], max: 2, delay: 0 } };
    const task = app.task("t", options, (kind: string) => {
      runs.push(kind);
      throw kind === "range" ? new RangeError("no") : new TypeError("again");
    });
    await work();
    await expect(task.delay("type").get({ timeout: "5s" })).rejects.toBeInstanceOf(TaskError);
    await expect(task.delay("range").get({ timeout: "5s" })).rejects.toBeInstanceOf(TaskError);
    expect(runs).toEqual(["type", "type", "type", "range"]);
  });

  it("does not retry arguments that do not fit", async () => {
    const { app, work } = createStage();
    const task = app.task("t", { retry: { max: 5, delay: 0 }, params: ["a", "b"] }, (a: number, b: number) => a + b);
    await work();
    await expect(app.send(task.name, [1]).get({ timeout: "5s" })).rejects.toMatchObject({ pyType: "TypeError" });
  });

  it("fails the task when the moment it asks for is none", async () => {
    const { app, work } = createStage();
    const task = app.task("t", { bind: true }, (ctx) => ctx.retry({ eta: "soon" }));
    await work();
    await expect(task.delay().get({ timeout: "5s" })).rejects.toThrow("eta is not a moment: soon");
  });

  it("called directly throws its cause, or the Retry", async () => {
    const { app } = createStage();
    const cause = new Error("why");
    const task = app.task("t", { bind: true, maxRetries: 0 }, (ctx, given: boolean) =>
      ctx.retry(given ? { cause } : {}),
    );
    await expect(task(true)).rejects.toBe(cause);
    await expect(task(false)).rejects.toMatchObject({ name: "Retry" });
  });

  it("runs to its end in eager mode", async () => {
    const { app } = createStage({ config: { taskAlwaysEager: true } });
    const task = app.task("t", { bind: true }, (ctx, value: number) => {
      if (ctx.retries < 2) ctx.retry({ countdown: "1h", args: [value + 1] });
      return value;
    });
    await expect(task.delay(0).get()).resolves.toBe(2);
    const never = app.task("never", { bind: true, maxRetries: 1 }, (ctx) => ctx.retry());
    await expect(never.delay().get()).rejects.toMatchObject({ pyType: MaxRetriesExceededError.name });
  });
});

describe.each([true, false])("steering with acksLate %s", (acksLate) => {
  it("Ignore leaves no state and no message", async () => {
    const { app, work, store, backend } = createStage();
    const ran = vi.fn();
    const task = app.task("t", { acksLate }, () => {
      ran();
      throw new Ignore("dealt with");
    });
    const worker = await work();
    const sent = await task.delay();
    await vi.waitFor(() => expect(ran).toHaveBeenCalledTimes(1));
    await worker.stop();
    expect(await backend.fetch(sent.id)).toBeUndefined();
    expect(store.length("celery")).toBe(0);
  });

  it("Reject drops it, with a dead letter when the message was still ours", async () => {
    const { app, work, store, broker, backend } = createStage();
    const ran = vi.fn();
    const task = app.task("t", { acksLate }, () => {
      ran();
      throw new Reject("poison");
    });
    const worker = await work();
    const sent = await task.delay();
    await vi.waitFor(() => expect(ran).toHaveBeenCalledTimes(1));
    await worker.stop();
    const letters = await broker.deadLetters.list();
    const expected = { reason: "REJECTED", detail: "poison", taskId: sent.id, taskName: "t", queue: "celery" };
    expect(letters).toMatchObject(acksLate ? [expected] : []);
    expect(await backend.fetch(sent.id)).toBeUndefined();
    expect(store.length("celery")).toBe(0);
  });

  it("Reject with requeue runs it again when the message was still ours", async () => {
    const { app, work } = createStage();
    let runs = 0;
    const task = app.task("t", { acksLate }, () => {
      runs += 1;
      if (runs === 1) throw new Reject("later", { requeue: true });
      return runs;
    });
    await work();
    const sent = await task.delay();
    if (acksLate) await expect(sent.get({ timeout: "5s" })).resolves.toBe(2);
    else {
      await vi.waitFor(() => expect(runs).toBe(1));
      await settle();
      expect([runs, await sent.state()]).toEqual([1, "PENDING"]);
    }
  });

  it("retry works alike", async () => {
    const { app, work, store } = createStage();
    const task = app.task("t", { acksLate, bind: true }, (ctx) => {
      if (ctx.retries < 2) ctx.retry({ countdown: 0 });
      return ctx.retries;
    });
    const worker = await work();
    await expect(task.delay().get({ timeout: "5s" })).resolves.toBe(2);
    await worker.stop();
    expect(store.length("celery")).toBe(0);
  });
});
