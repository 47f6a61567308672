import type { Consumer } from "@celeriac/core";
import { createDeferred } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { asyncPool } from "../src/pool/async/index.js";
import { settle } from "./support/fake-clock.js";
import { createStage } from "./support/stage.js";
import { wrapBroker } from "./support/wrap-broker.js";

describe.each([true, false])("G17: a fair worker with acksLate %s", (acksLate) => {
  it("never holds a message without a free slot for it", async () => {
    const windows: number[] = [];
    const { app, work, store } = createStage({
      wrapBroker: (broker) =>
        wrapBroker(broker, {
          onConsumer: (consumer, prefetch): Consumer => {
            windows.push(prefetch);
            return {
              async setPrefetch(count) {
                windows.push(count);
                await consumer.setPrefetch(count);
              },
              [Symbol.asyncIterator]: () => consumer[Symbol.asyncIterator](),
              [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
            };
          },
        }),
    });
    const gates = Array.from({ length: 6 }, () => createDeferred<void>());
    const started: number[] = [];
    const task = app.task("t", { acksLate }, (index: number) => {
      started.push(index);
      return gates[index]?.promise;
    });
    const worker = await work({ pool: asyncPool({ concurrency: 2 }), fair: true });
    for (let index = 0; index < 6; index += 1) await task.delay(index);
    await settle();
    expect([started, store.length("celery")]).toEqual([[0, 1], 4]);
    gates[0]?.resolve();
    await settle();
    expect([started, store.length("celery")]).toEqual([[0, 1, 2], 3]);
    for (const gate of gates) gate.resolve();
    await settle(20);
    expect([started.length, store.length("celery")]).toEqual([6, 0]);
    expect(Math.max(...windows)).toBe(2);
    expect(Math.min(...windows)).toBe(acksLate ? 2 : 0);
    await worker.stop();
  });
});

it("a worker that is not fair takes slots times multiplier", async () => {
  const { app, work, store } = createStage();
  const gate = createDeferred<void>();
  const task = app.task("t", { acksLate: true }, () => gate.promise);
  await work({ pool: asyncPool({ concurrency: 2 }), prefetchMultiplier: 3 });
  for (let index = 0; index < 10; index += 1) await task.delay();
  await settle();
  expect(store.length("celery")).toBe(4);
  gate.resolve();
});
