import type { Consumer } from "@celeriac/core";
import { BrokerError, context, createDeferred } from "@celeriac/core";
import { describe, expect, it, vi } from "vitest";
import { asyncPool } from "../src/pool/async/index.js";
import { createWorker } from "../src/worker.js";
import { FakeClock, settle } from "./support/fake-clock.js";
import { createStage } from "./support/stage.js";
import { wrapBroker } from "./support/wrap-broker.js";

/** Ids waiting in a queue, first to be served first. */
function idsIn(store: ReturnType<typeof createStage>["store"]): readonly string[] {
  const ids: string[] = [];
  for (let next = store.queue("celery").shift(); next !== undefined; next = store.queue("celery").shift()) {
    ids.push(JSON.parse(String(next.raw)).headers.id);
  }
  return ids;
}

describe("warm stop", () => {
  it("finishes what runs, gives back the rest in front and in order", async () => {
    const { app, work, store } = createStage();
    const gate = createDeferred<string>();
    const slow = app.task("slow", () => gate.promise);
    const worker = await work({ pool: asyncPool({ concurrency: 1 }), prefetchMultiplier: 4 });
    const running = await slow.delay();
    for (const id of ["a", "b", "c"]) await slow.call([], { taskId: id });
    await settle();
    await slow.call([], { taskId: "behind" }); // beyond the window: never taken
    const stopped = worker.stop();
    await settle();
    gate.resolve("done");
    await stopped;
    await expect(running.get()).resolves.toBe("done");
    expect(idsIn(store)).toEqual(["a", "b", "c", "behind"]);
  });

  it("gives back tasks held for their ETA", async () => {
    const { app, work, store } = createStage();
    const task = app.task("t", () => 1);
    const worker = await work({ parkBeyond: "1h" });
    await task.call([], { taskId: "held", countdown: 60 });
    await settle();
    expect(store.length("celery")).toBe(0);
    await worker.stop();
    expect(idsIn(store)).toEqual(["held"]);
  });

  it("is the same promise twice, and ends run()", async () => {
    const { work } = createStage();
    const worker = await work();
    const ended = worker.run();
    expect(worker.stop()).toBe(worker.stop());
    await ended;
  });

  it("before or during the start leaves nothing running", async () => {
    const { app } = createStage();
    const early = createWorker(app, { pool: asyncPool() });
    await early.stop();
    await early.run();
    const pool = asyncPool();
    const gate = createDeferred<void>();
    const slowPool = {
      ...pool,
      kind: "slow",
      slots: 1,
      start: () => gate.promise,
      run: vi.fn(),
      info: () => ({}),
      pidOf: () => null,
      abort: async () => undefined,
      [Symbol.asyncDispose]: async () => undefined,
    };
    const consume = vi.spyOn(app.broker, "consume");
    const worker = createWorker(app, { pool: slowPool });
    const [started, stopped] = [worker.start(), worker.stop()];
    gate.resolve();
    await Promise.all([started, stopped]);
    expect(consume).not.toHaveBeenCalled();
  });

  it("G14: a dead broker does not hold it up", async () => {
    const clock = new FakeClock();
    const never = (): Promise<never> => new Promise(() => undefined);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { app, work } = createStage({
        config: { clock },
        wrapBroker: (broker) =>
          wrapBroker(broker, {
            onAck: never,
            onConsumer: (consumer): Consumer => ({
              setPrefetch: never,
              [Symbol.asyncIterator]: () => consumer[Symbol.asyncIterator](),
              [Symbol.asyncDispose]: never,
            }),
          }),
      });
      const task = app.task("t", { acksLate: true }, () => 1);
      const worker = await work();
      await task.delay();
      await settle();
      const stopped = worker.stop();
      let isStopped = false;
      void stopped.then(() => {
        isStopped = true;
      });
      for (let second = 0; second < 30 && !isStopped; second += 1) {
        await vi.advanceTimersByTimeAsync(1000);
        await settle();
      }
      expect(isStopped).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it("gives up outcomes that cannot be stored within seconds", async () => {
    const clock = new FakeClock();
    const refuse = async (): Promise<never> => {
      throw new BrokerError("away", { code: "BROKER_UNAVAILABLE", retryable: true });
    };
    const { app, work, log } = createStage({
      config: { clock },
      wrapBroker: (broker) => wrapBroker(broker, { onAck: refuse }),
    });
    const task = app.task("t", { acksLate: true }, () => 1);
    const worker = await work();
    await task.delay();
    await clock.advance(1000);
    const stopped = worker.stop();
    await clock.advance(10_000);
    await stopped;
    expect(log.count("goes back to its queue")).toBe(1);
  });
});

describe("cold stop", () => {
  it("puts late-ack tasks back, aborts their signal, and starts nothing else", async () => {
    const { app, work, store, backend } = createStage();
    const aborted = createDeferred<unknown>();
    const started = createDeferred<void>();
    const next = vi.fn();
    const slow = app.task("slow", { acksLate: true }, async () => {
      const { signal } = context();
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      started.resolve();
      await new Promise(() => undefined);
    });
    const other = app.task("other", next);
    const worker = await work({ pool: asyncPool({ concurrency: 1 }) });
    await slow.call([], { taskId: "running" });
    await other.call([], { taskId: "waiting" });
    await started.promise;
    await worker.kill();
    await expect(aborted.promise).resolves.toMatchObject({ message: "cold shutdown" });
    expect(idsIn(store).toSorted()).toEqual(["running", "waiting"]);
    expect(await backend.fetch("running")).toBeUndefined();
    expect(next).not.toHaveBeenCalled();
  });

  it("fails early-acked tasks: their message is gone, and somebody may wait", async () => {
    const { app, work } = createStage();
    const started = createDeferred<void>();
    const slow = app.task("slow", () => {
      started.resolve();
      return new Promise(() => undefined);
    });
    const worker = await work();
    const sent = await slow.delay();
    await started.promise;
    await worker.kill();
    await expect(sent.get()).rejects.toMatchObject({ pyType: "WorkerLostError", args: ["cold shutdown"] });
  });

  it("ends a warm stop that waits", async () => {
    const { app, work } = createStage();
    const started = createDeferred<void>();
    const slow = app.task("slow", () => {
      started.resolve();
      return new Promise(() => undefined);
    });
    const worker = await work();
    await slow.delay();
    await started.promise;
    const warm = worker.stop();
    await settle();
    await worker.kill();
    await warm;
  });
});
