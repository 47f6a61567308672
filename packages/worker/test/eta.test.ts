import { createDeferred } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { asyncPool } from "../src/pool/async/index.js";
import { FakeClock } from "./support/fake-clock.js";
import { createStage } from "./support/stage.js";
import { wrapBroker } from "./support/wrap-broker.js";

describe("ETA and countdown", () => {
  it("never start early, and start when they are due", async () => {
    const clock = new FakeClock();
    const { app, work } = createStage({ config: { clock } });
    const starts: number[] = [];
    const task = app.task("t", () => void starts.push(clock.now()));
    await work({ parkBeyond: "1h" });
    const dueMs = clock.now() + 5000;
    await task.call([], { countdown: 5 });
    await task.call([], { eta: new Date(dueMs) });
    await clock.advance(4999);
    expect(starts).toEqual([]);
    await clock.advance(1);
    expect(starts).toEqual([dueMs, dueMs]);
  });

  it("hold a place of their own: they do not keep other tasks out of the window", async () => {
    const clock = new FakeClock();
    const { app, work } = createStage({ config: { clock } });
    const held = app.task("held", () => 1);
    const now = app.task("now", () => 2);
    await work({ pool: asyncPool({ concurrency: 1 }), prefetchMultiplier: 1, parkBeyond: "1h" });
    for (let index = 0; index < 5; index += 1) await held.call([], { countdown: 60 });
    await clock.advance(0);
    const sent = await now.delay();
    await clock.advance(0);
    await expect(sent.state()).resolves.toBe("SUCCESS");
  });

  it("are parked at the broker when far away, and come back in time", async () => {
    const clock = new FakeClock();
    const { app, work, broker } = createStage({ config: { clock } });
    const starts: number[] = [];
    const task = app.task("t", () => void starts.push(clock.now()));
    await work();
    const dueMs = clock.now() + 3_600_000;
    await task.call([], { countdown: "1h" });
    await task.call([], { countdown: 2 });
    await clock.advance(10);
    expect(await broker.parking?.count()).toBe(1);
    await clock.advance(3_599_000);
    expect(starts).toHaveLength(1);
    await clock.advance(2000);
    expect(starts[1]).toBe(dueMs);
    expect(await broker.parking?.count()).toBe(0);
  });

  it("are held here when the broker cannot park", async () => {
    const clock = new FakeClock();
    const { app, work, log } = createStage({
      config: { clock },
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          overrides: {
            parking: {
              park: async () => Promise.reject(new Error("no room")),
              promoteDue: async () => 0,
              count: async () => 0,
            },
          },
        }),
    });
    const task = app.task("t", () => 1);
    await work();
    const sent = await task.call([], { countdown: "1h" });
    await clock.advance(0);
    expect(log.count("could not be parked")).toBe(1);
    await clock.advance(3_600_000);
    await expect(sent.state()).resolves.toBe("SUCCESS");
  });
});

describe("a task that expired", () => {
  it.each([
    ["on arrival", { expires: -1 }],
    ["while it was held for its ETA", { countdown: 60, expires: 30 }],
  ])("%s is REVOKED with the reason expired and does not run", async (_name, options) => {
    const clock = new FakeClock();
    const { app, work, store } = createStage({ config: { clock } });
    const body = vi.fn();
    const task = app.task("t", body);
    await work({ parkBeyond: "1h" });
    const sent = await task.call([], options);
    await clock.advance(60_000);
    await expect(sent.get({ timeout: 1 })).rejects.toMatchObject({
      code: "TASK_REVOKED",
      pyType: "TaskRevokedError",
      args: ["expired"],
    });
    expect(body).not.toHaveBeenCalled();
    expect(store.length("celery")).toBe(0);
  });

  it("while it waited for a slot does not run either", async () => {
    const clock = new FakeClock();
    const { app, work } = createStage({ config: { clock } });
    const gate = createDeferred<void>();
    const slow = app.task("slow", () => gate.promise);
    const body = vi.fn();
    const task = app.task("t", body);
    await work({ pool: asyncPool({ concurrency: 1 }) });
    await slow.delay();
    const sent = await task.call([], { expires: 30 });
    await clock.advance(31_000);
    gate.resolve();
    await clock.advance(0);
    await expect(sent.state()).resolves.toBe("REVOKED");
    expect(body).not.toHaveBeenCalled();
  });
});
