import { createDeferred } from "@celeriac/core/lifecycle";
import { describe, expect, it } from "vitest";
import { createSerialBatch } from "./serial-batch.js";

const weigh = (value: number): number => value;

describe("batches one after the other", () => {
  it("hand over together what is asked for in one turn, and what comes while a batch is under way", async () => {
    const batches: number[][] = [];
    const first = createDeferred<void>();
    const ask = createSerialBatch<number, number>({
      flush: async (items) => {
        batches.push(items.map(({ value }) => value));
        if (batches.length === 1) await first.promise;
        for (const item of items) item.resolve(item.value * 10);
      },
      maxItems: 3,
      maxWeight: 1_000,
      weigh,
    });
    const early = [1, 2].map((value) => ask(value).promise);
    await new Promise((resolve) => setImmediate(resolve));
    const late = [3, 4, 5, 6].map((value) => ask(value).promise);
    first.resolve();
    expect(await Promise.all([...early, ...late])).toEqual([10, 20, 30, 40, 50, 60]);
    expect(batches).toEqual([[1, 2], [3, 4, 5], [6]]);
  });

  it("part by weight, but take one item of any weight", async () => {
    const batches: number[][] = [];
    const ask = createSerialBatch<number, void>({
      flush: async (items) => {
        batches.push(items.map(({ value }) => value));
        for (const item of items) item.resolve();
      },
      maxItems: 10,
      maxWeight: 10,
      weigh,
    });
    await Promise.all([6, 4, 1, 50, 2].map((value) => ask(value).promise));
    expect(batches).toEqual([[6, 4], [1], [50], [2]]);
  });

  it("leave out what was withdrawn, and go on after one that failed", async () => {
    const ask = createSerialBatch<number, number>({
      flush: async (items) => {
        if (items.some(({ value }) => value === 1)) throw new Error("no");
        for (const item of items) item.resolve(item.value);
      },
      maxItems: 1,
      maxWeight: 10,
      weigh,
    });
    const [failing, withdrawn, fine] = [ask(1), ask(2), ask(3)];
    withdrawn.withdraw();
    await expect(failing.promise).rejects.toThrow("no");
    expect(await fine.promise).toBe(3);
    const outcome = await Promise.race([withdrawn.promise, Promise.resolve("nobody")]);
    expect(outcome).toBe("nobody");
  });
});
