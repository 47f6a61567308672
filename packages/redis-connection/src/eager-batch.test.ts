import type { BatchItem } from "@celeriac/core/lifecycle";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EagerBatchOptions } from "./eager-batch.js";
import { createEagerBatch } from "./eager-batch.js";

type Items = readonly BatchItem<number, number>[];

interface Lab {
  readonly ask: (value: number) => Promise<number>;
  /** What was handed over, in order. */
  readonly batches: number[][];
  /** Answers the oldest batch that waits for one. */
  answer(): void;
}

function lab(options?: EagerBatchOptions<number>): Lab {
  const batches: number[][] = [];
  const answers: (() => void)[] = [];
  const flush = async (items: Items): Promise<void> => {
    batches.push(items.map(({ value }) => value));
    await new Promise<void>((resolve) => answers.push(resolve));
    for (const item of items) item.resolve(item.value * 10);
  };
  return { ask: createEagerBatch(flush, options), batches, answer: () => answers.shift()?.() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("createEagerBatch", () => {
  it("hands over a lone item at once, before the turn goes on, and again once it is answered", async () => {
    const { ask, batches, answer } = lab();
    const first = ask(1);
    expect(batches).toEqual([[1]]);
    answer();
    expect(await first).toBe(10);
    await turn();
    const second = ask(2);
    expect(batches).toEqual([[1], [2]]);
    answer();
    expect(await second).toBe(20);
  });

  it("of a burst hands over the first item, and the rest together at the end of the turn", async () => {
    const { ask, batches, answer } = lab();
    const asked = [1, 2, 3].map(ask);
    expect(batches).toEqual([[1]]);
    await turn();
    expect(batches).toEqual([[1], [2, 3]]);
    answer();
    answer();
    expect(await Promise.all(asked)).toEqual([10, 20, 30]);
  });

  it("keeps a stream of bursts in one batch each, until an item has come alone", async () => {
    const { ask, batches, answer } = lab();
    const burst = async (values: readonly number[]): Promise<void> => {
      const asked = values.map(ask);
      await turn();
      answer();
      answer();
      await Promise.all(asked);
      await turn();
    };
    await burst([1, 2, 3]);
    await burst([4, 5]);
    await burst([6]);
    expect(batches).toEqual([[1], [2, 3], [4, 5], [6]]);
    const lone = ask(7);
    expect(batches.at(-1)).toEqual([7]);
    answer();
    await lone;
  });

  it("lets nothing go ahead that may not, nor anything behind it", async () => {
    const { ask, batches, answer } = lab({ mayGoAhead: (value) => value % 2 === 0 });
    const asked = [1, 2].map(ask);
    expect(batches).toEqual([]);
    await turn();
    expect(batches).toEqual([[1, 2]]);
    answer();
    await Promise.all(asked);
  });

  it("rejects an item that went ahead when its write fails, and goes on", async () => {
    let isCut = true;
    const ask = createEagerBatch<number, number>(async (items) => {
      if (isCut) throw new Error("cut");
      for (const item of items) item.resolve(item.value);
    });
    await expect(ask(1)).rejects.toThrow("cut");
    isCut = false;
    expect(await ask(2)).toBe(2);
  });

  it("hands everything over once and in the order of asking, however it comes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 }), async (bursts) => {
        const { ask, batches, answer } = lab({ limit: 3, mayGoAhead: (value) => value % 5 !== 0 });
        const asked: Promise<number>[] = [];
        for (const [index, length] of bursts.entries()) {
          for (let item = 0; item < length; item += 1) asked.push(ask(asked.length));
          if (index % 2 === 0) await turn();
          answer();
        }
        await turn();
        for (let left = batches.length; left > 0; left -= 1) answer();
        expect(await Promise.all(asked)).toEqual(asked.map((_, index) => index * 10));
        expect(batches.flat()).toEqual(asked.map((_, index) => index));
      }),
      { numRuns: 100 },
    );
  });
});
