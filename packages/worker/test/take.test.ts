import type { Message } from "@celeriac/core";
import { createDeferred, createSerializers, encodeTask } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { asyncPool } from "../src/pool/async/index.js";
import { FakeClock } from "./support/fake-clock.js";
import type { Stage } from "./support/stage.js";
import { createStage } from "./support/stage.js";
import type { TakingHooks } from "./support/taking-broker.js";
import { takingBroker } from "./support/taking-broker.js";

interface Scene extends Stage {
  /** The worker's first answer for each task id. */
  readonly answers: ReadonlyMap<unknown, boolean>;
  /** How taken deliveries were settled. */
  readonly settled: readonly string[];
}

function createScene({ clock, ...hooks }: Pick<TakingHooks, "onTaken"> & { readonly clock?: FakeClock } = {}): Scene {
  const answers = new Map<unknown, boolean>();
  const settled: string[] = [];
  const stage = createStage({
    config: clock === undefined ? {} : { clock },
    wrapBroker: (broker) =>
      takingBroker(broker, {
        ...hooks,
        onAsked: (id, isAccepted) => answers.set(id, answers.get(id) ?? isAccepted),
        onSettled: (way) => settled.push(way),
      }),
  });
  return { ...stage, answers, settled };
}

describe("messages that are taken in one step", () => {
  it("start without another ack, because they are acknowledged", async () => {
    const { app, work, answers, settled } = createScene();
    const task = app.task("t", (x: number) => x + 1);
    await work();
    const sent = await task.delay(1);
    await expect(sent.get({ timeout: "5s" })).resolves.toBe(2);
    expect(answers.get(sent.id)).toBe(true);
    expect(settled).toEqual([]);
  });

  it("are read once", async () => {
    const { app, work } = createScene();
    const task = app.task("t", () => "done");
    const read = vi.spyOn(app.tasks, "get");
    await work();
    await (await task.delay()).get({ timeout: "5s" });
    expect(read.mock.calls.filter(([name]) => name === "t")).toHaveLength(1);
  });

  it.each([
    ["is acknowledged late", { acksLate: true }, {}],
    ["is not due yet", {}, { countdown: 60 }],
  ])("are not those of a task that %s", async (_why, options, send) => {
    const clock = new FakeClock();
    const { app, work, answers } = createScene({ clock });
    const task = app.task("t", options, () => "done");
    await work({ parkBeyond: "1h" });
    const sent = await task.call([], send);
    await clock.advance(60_000);
    await expect(sent.get({ timeout: "5s" })).resolves.toBe("done");
    expect(answers.get(sent.id)).toBe(false);
  });

  it("are not those of a task that has expired", async () => {
    const { app, work, answers } = createScene();
    const task = app.task("t", () => "done");
    const sent = await task.call([], { expires: new Date(Date.now() - 1000) });
    await work();
    await expect(sent.get({ timeout: "5s" })).rejects.toThrow("TaskRevokedError");
    expect(answers.get(sent.id)).toBe(false);
  });

  it("are not those of a task that nobody here can run", async () => {
    const { app, work, answers, put, broker } = createScene();
    app.task("t", () => "done");
    await work();
    await put(messageOf("unknown", "nobody"));
    await put({ ...messageOf("bad", "t"), body: Buffer.from("[") });
    await vi.waitFor(async () => expect(await broker.deadLetters.count()).toBe(2));
    expect([answers.get("unknown"), answers.get("bad")]).toEqual([false, false]);
  });

  it("are not those that would have to wait for a slot", async () => {
    const { app, work, answers } = createScene();
    const gate = createDeferred<void>();
    const task = app.task("t", () => gate.promise);
    await work({ pool: asyncPool({ concurrency: 1 }) });
    const first = await task.delay();
    await vi.waitFor(() => expect(answers.size).toBe(1));
    const second = await task.delay();
    await vi.waitFor(() => expect(answers.size).toBe(2));
    gate.resolve();
    await Promise.all([first, second].map((sent) => sent.get({ timeout: "5s" })));
    expect([answers.get(first.id), answers.get(second.id)]).toEqual([true, false]);
  });

  it("go back when their slot was given away meanwhile: what is acknowledged does not wait for one", async () => {
    const clock = new FakeClock();
    const taken = createDeferred<void>();
    const began = createDeferred<void>();
    const gate = createDeferred<void>();
    // The other task comes due while this one is on its way.
    const onTaken = (): Promise<void> => {
      taken.resolve();
      return began.promise;
    };
    const { app, work, answers, settled } = createScene({ clock, onTaken });
    const other = app.task("other", () => {
      began.resolve();
      return gate.promise;
    });
    const task = app.task("t", () => "done");
    await work({ pool: asyncPool({ concurrency: 1 }), parkBeyond: "1h" });
    const due = await other.call([], { countdown: 60 });
    await vi.waitFor(() => expect(answers.size).toBe(1));
    const sent = await task.delay();
    await taken.promise;
    await clock.advance(60_000);
    await vi.waitFor(() => expect(settled).toEqual(["restore"]));
    expect(answers.get(sent.id)).toBe(true);
    gate.resolve();
    await due.get({ timeout: "5s" });
    await expect(sent.get({ timeout: "5s" })).resolves.toBe("done");
  });

  it("go back when the worker was stopped meanwhile", async () => {
    const taken = createDeferred<void>();
    const release = createDeferred<void>();
    const { app, work, settled, broker } = createScene({
      onTaken: async () => {
        taken.resolve();
        await release.promise;
      },
    });
    const body = vi.fn();
    const task = app.task("t", body);
    const worker = await work();
    await task.delay();
    await taken.promise;
    const stopping = worker.stop();
    release.resolve();
    await stopping;
    expect(settled).toEqual(["restore"]);
    expect(body).not.toHaveBeenCalled();
    expect(await broker.queues.length("celery")).toBe(1);
  });

  it("go back when the pool does not start them", async () => {
    const { app, work, settled } = createScene();
    const pool = asyncPool({ concurrency: 1 });
    vi.spyOn(pool, "run").mockResolvedValueOnce({ kind: "unstarted" });
    const task = app.task("t", () => "done");
    await work({ pool });
    await expect(task.delay().get({ timeout: "5s" })).resolves.toBe("done");
    expect(settled).toEqual(["restore"]);
  });
});

function messageOf(id: string, task: string): Message {
  return encodeTask({ id, task, args: [], kwargs: {} }, { serializer: createSerializers().byName("json") });
}
