import { createDeferred } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { asyncPool } from "../src/pool/async/index.js";
import type { Pool } from "../src/pool/pool.js";
import { FakeClock, settle } from "./support/fake-clock.js";
import { losing } from "./support/losing-broker.js";
import type { Stage } from "./support/stage.js";
import { createStage } from "./support/stage.js";
import { wrapBroker } from "./support/wrap-broker.js";
import { wrapPool } from "./support/wrap-pool.js";

/** How many messages wait for whoever consumes next. */
const waiting = (stage: Stage): Promise<number> => stage.broker.queues.length("celery");

describe.each([
  ["late", true],
  ["early", false],
])("deliveries that wait when the connection is lost, with %s ack", (_name, acksLate) => {
  function scene(config: { clock?: FakeClock } = {}) {
    const loss = losing();
    const stage = createStage({ wrapBroker: loss.wrap, config: { taskAcksLate: acksLate, ...config } });
    const started: number[] = [];
    const gates = [createDeferred<void>(), createDeferred<void>(), createDeferred<void>()];
    const task = stage.app.task("t", async (n: number) => {
      started.push(n);
      await gates[n]?.promise;
    });
    return { ...stage, loss, started, task, finish: (n: number) => gates[n]?.resolve(), stage };
  }

  it("are not started here; what runs goes on", async () => {
    const { work, task, started, loss, finish, log, stage } = scene();
    await work({ pool: asyncPool({ concurrency: 1 }) });
    const [first] = [await task.delay(0), await task.delay(1), await task.delay(2)];
    await settle();
    expect(started).toEqual([0]);
    await loss.lose();
    finish(0);
    await first.get({ timeout: "5s" });
    await settle();
    expect(started).toEqual([0]);
    expect(await waiting(stage)).toBe(acksLate ? 3 : 2);
    expect(loss.late.map(([, how]) => how)).toEqual(["restore", "restore", ...(acksLate ? ["ack"] : [])]);
    expect(log.lines.filter(({ message }) => message.includes("went back with the connection"))).toMatchObject([
      { level: "info", fields: { count: 2 } },
    ]);
  });

  it("are not started when their time comes, and do not widen the window any more", async () => {
    const clock = new FakeClock();
    const { work, task, started, loss, stage } = scene({ clock });
    const worker = await work();
    await task.call([0], { countdown: 5 });
    await clock.advance(1000);
    await loss.lose();
    await clock.advance(10_000);
    expect(started).toEqual([]);
    expect(await waiting(stage)).toBe(1);
    const stopping = worker.stop();
    await clock.advance(10_000);
    await stopping;
  });

  it("are looked at once more when a slot is free, because a lease may run out in silence", async () => {
    const { work, task, started, loss, finish, log } = scene();
    await work({ pool: asyncPool({ concurrency: 1 }) });
    const [first, second] = [await task.delay(0), await task.delay(1)];
    await settle();
    await loss.lose("silent");
    finish(0);
    await first.get({ timeout: "5s" });
    await settle();
    expect(started).toEqual([0]);
    expect(log.lines.filter(({ message }) => message.includes("may be another worker's by now"))).toMatchObject([
      { level: "info", fields: { taskId: second.id } },
    ]);
  });

  it("are not started by a child that was ready only after the loss", async () => {
    const { work, task, started, loss, log } = scene();
    const ready = createDeferred<void>();
    const taken = createDeferred<void>();
    const pool = slowToStart(ready.promise, taken.resolve);
    await work({ pool });
    await task.delay(0);
    await taken.promise;
    await loss.lose("silent");
    ready.resolve();
    await settle();
    expect(started).toEqual([]);
    expect(loss.late.map(([, how]) => how)).toEqual(["restore"]);
    expect(log.count("may be another worker's by now")).toBe(1);
  });
});

/** A pool whose process comes up after the slot was given away. */
function slowToStart(ready: Promise<void>, onTaken: () => void): Pool {
  const pool = asyncPool({ concurrency: 1 });
  return wrapPool(pool, async (attempt) => {
    onTaken();
    await ready;
    return pool.run(attempt);
  });
}

describe("G8: deliveries that all workers together have counted", () => {
  const counted = (count: number, redelivered = true) =>
    createStage({
      config: { taskAcksLate: true },
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onConsumer: (consumer) => ({
            setPrefetch: (window) => consumer.setPrefetch(window),
            [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
            async *[Symbol.asyncIterator]() {
              for await (const batch of consumer) {
                yield batch.map((delivery) => ({ ...delivery, redelivered, deliveryCount: count }));
              }
            },
          }),
        }),
    });

  it("are a dead letter, and fail, without another start, when they are too many", async () => {
    const { app, work, broker, log } = counted(20);
    const body = vi.fn(() => "done");
    const task = app.task("t", body);
    await work();
    const sent = await task.delay();
    await expect(sent.get({ timeout: "5s" })).rejects.toThrow(/lost its process 20 times/);
    expect(body).not.toHaveBeenCalled();
    await vi.waitFor(async () => expect(await broker.deadLetters.count()).toBe(1));
    expect(log.count("delivered too often")).toBe(1);
  });

  it("are run when they are fewer, or acknowledged before the start", async () => {
    const few = counted(19);
    const task = few.app.task("t", () => "done");
    await few.work();
    await expect(task.delay().get({ timeout: "5s" })).resolves.toBe("done");
    const early = counted(20);
    const other = early.app.task("t", { acksLate: false }, () => "done");
    await early.work();
    await expect(other.delay().get({ timeout: "5s" })).resolves.toBe("done");
  });

  it.each([
    [3, 1, 0],
    [4, 0, 1],
  ])("count with the loss of a process: after %d of them it goes back %d times", async (count, back, dead) => {
    const { app, work, broker, log } = counted(count);
    const task = app.task("t", { rejectOnWorkerLost: true }, () => "never");
    const pool = asyncPool({ concurrency: 1 });
    const requeued = createDeferred<void>();
    let runs = 0;
    const run: Pool["run"] = async (attempt) => {
      runs += 1;
      if (runs > 1) {
        requeued.resolve();
        return { kind: "unstarted" };
      }
      await attempt.begin(1);
      return { kind: "lost", reason: "killed" };
    };
    await work({ pool: wrapPool(pool, run) });
    await task.delay();
    if (back > 0) await requeued.promise;
    await vi.waitFor(async () => expect(await broker.deadLetters.count()).toBe(dead));
    expect(log.count("process running a task was lost")).toBe(1);
  });
});
