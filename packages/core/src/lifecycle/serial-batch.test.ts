import { describe, expect, it } from "vitest";
import { createDeferred } from "./deferred.js";
import { createSerialBatch } from "./serial-batch.js";
import type { BatchItem } from "./tick-batch.js";

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

  it("has drained when everything handed in has settled, also what came meanwhile", async () => {
    const { flushed, submit, open } = batches({ maxItems: 1 });
    const settled: string[] = [];
    for (const value of ["a", "b"]) submit(value).promise.then((answer) => settled.push(answer));
    const drained = submit.drain();
    await turn();
    submit("c").promise.then((answer) => settled.push(answer));
    submit("d").withdraw();
    open();
    await drained;
    expect(settled).toEqual(["A", "B", "C"]);
    expect(flushed).toEqual([["a"], ["b"], ["c"]]);
  });

  it("drains at once when idle, and although batches fail", async () => {
    const submit = createSerialBatch<string, void>({
      flush: () => Promise.reject(new Error("broken")),
      ...{ maxItems: 1, maxWeight: 1, weigh: () => 1 },
    });
    await submit.drain();
    const failures: unknown[] = [];
    for (const value of ["a", "b"]) submit(value).promise.catch((error: unknown) => failures.push(error));
    await submit.drain();
    expect(failures).toHaveLength(2);
  });

  it("rejects its items when the flush throws, and goes on", async () => {
    const submit = createSerialBatch<string, void>({
      flush: () => {
        throw new Error("thrown at once");
      },
      ...{ maxItems: 1, maxWeight: 1, weigh: () => 1 },
    });
    await expect(submit("a").promise).rejects.toThrow("thrown at once");
    await expect(submit("b").promise).rejects.toThrow("thrown at once");
  });

  it("settles and withdraws 40,000 without looking through those that wait", async () => {
    const { submit, open } = batches();
    open();
    const all = Array.from({ length: 40_000 }, async () => {
      const { promise, withdraw } = submit("a");
      await promise.finally(withdraw);
    });
    await Promise.all(all);
    await submit.drain();
  });
});
