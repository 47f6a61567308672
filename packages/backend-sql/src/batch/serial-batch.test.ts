import { type BatchItem, createDeferred } from "@celeriac/core/lifecycle";
import { describe, expect, it } from "vitest";
import { createSerialBatch } from "./serial-batch.js";

type Item = BatchItem<string, string>;

function batches(limits: { readonly maxItems?: number; readonly maxWeight?: number } = {}) {
  const flushed: string[][] = [];
  const gates = [createDeferred<void>()];
  const submit = createSerialBatch<string, string>({
    flush: async (items: readonly Item[]) => {
      flushed.push(items.map((item) => item.value));
      await gates.at(-1)?.promise;
      for (const item of items) item.resolve(item.value.toUpperCase());
    },
    maxItems: limits.maxItems ?? 100,
    maxWeight: limits.maxWeight ?? 100,
    weigh: (value) => value.length,
  });
  return { flushed, submit, open: () => gates[0]?.resolve() };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a serial batch", () => {
  it("takes all of one turn, then all that came meanwhile, one batch at a time", async () => {
    const { flushed, submit, open } = batches();
    const first = [submit("a"), submit("b")];
    await turn();
    const second = [submit("c"), submit("d")];
    await turn();
    expect(flushed).toEqual([["a", "b"]]);
    open();
    expect(await Promise.all([...first, ...second].map(({ promise }) => promise))).toEqual(["A", "B", "C", "D"]);
    expect(flushed).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("keeps batches within their limits, but takes a heavy item by itself", async () => {
    const { flushed, submit, open } = batches({ maxItems: 2, maxWeight: 5 });
    open();
    await Promise.all(["1", "2", "3", "heavy item", "4444", "55"].map((value) => submit(value).promise));
    expect(flushed).toEqual([["1", "2"], ["3"], ["heavy item"], ["4444"], ["55"]]);
  });

  it("leaves out what was withdrawn in time", async () => {
    const { flushed, submit, open } = batches();
    submit("a");
    await turn();
    const unwanted = submit("b");
    const wanted = submit("c");
    unwanted.withdraw();
    open();
    await wanted.promise;
    expect(flushed).toEqual([["a"], ["c"]]);
  });

  it("goes on after a batch that failed", async () => {
    let rounds = 0;
    const submit = createSerialBatch<string, void>({
      flush: async (items) => {
        rounds += 1;
        if (rounds === 1) throw new Error("broken");
        for (const item of items) item.resolve();
      },
      ...{ maxItems: 1, maxWeight: 1, weigh: () => 1 },
    });
    const [first, second] = [submit("a"), submit("b")];
    await expect(first.promise).rejects.toThrow("broken");
    await expect(second.promise).resolves.toBeUndefined();
  });
});
