import { describe, expect, it } from "vitest";
import type { BatchItem } from "./index.js";
import { createTickBatch, exponentialBackoff, startLoop, systemClock, withDeadline } from "./index.js";

const late = (): Error => new Error("late");

describe("withDeadline", () => {
  it("passes on what the work does in time", async () => {
    await expect(withDeadline(Promise.resolve(1), { timeoutMs: 1000 }, late)).resolves.toBe(1);
    await expect(withDeadline(Promise.reject(new Error("own")), { timeoutMs: 1000 }, late)).rejects.toThrow("own");
  });

  it("gives up in time, and on a signal, before and meanwhile", async () => {
    const never = new Promise(() => undefined);
    await expect(withDeadline(never, { timeoutMs: 5 }, late)).rejects.toThrow("late");
    const gone = AbortSignal.abort(new Error("gone"));
    await expect(withDeadline(never, { timeoutMs: 1000, signal: gone }, late)).rejects.toThrow("gone");
    const stop = new AbortController();
    const done = withDeadline(never, { timeoutMs: 1000, signal: stop.signal }, late);
    stop.abort(new Error("stopped"));
    await expect(done).rejects.toThrow("stopped");
  });

  it("does not take a month for no time at all", async () => {
    const soon = new Promise((resolve) => setTimeout(resolve, 5, "done"));
    await expect(withDeadline(soon, { timeoutMs: 2 ** 32 }, late)).resolves.toBe("done");
  });
});

describe("exponentialBackoff", () => {
  it("doubles up to its cap, and never overflows", () => {
    const backoff = exponentialBackoff({ baseMs: 100, maxMs: 1000, jitter: false });
    expect([1, 2, 3, 4, 5, 5000].map(backoff)).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it("with jitter stays between a tenth and the whole", () => {
    for (const random of [0, 0.5, 0.999]) {
      const pause = exponentialBackoff({ baseMs: 100, maxMs: 1000, random: () => random })(2);
      expect(pause).toBeGreaterThanOrEqual(20);
      expect(pause).toBeLessThanOrEqual(200);
    }
  });
});

describe("startLoop", () => {
  it("repeats its step, outlives its failures, and stops within one", async () => {
    const heard: number[] = [];
    const pauses: number[] = [];
    let rounds = 0;
    let isHanging = (): void => undefined;
    const hanging = new Promise<void>((resolve) => (isHanging = resolve));
    const loop = startLoop({
      intervalMs: 7,
      backoff: (failures) => 100 * failures,
      clock: { ...systemClock, sleep: async (ms) => void pauses.push(ms) },
      onError: (_error, failures) => heard.push(failures),
      async step(signal) {
        rounds += 1;
        if (rounds === 2 || rounds === 3) throw new Error("fault");
        if (rounds < 5) return;
        isHanging();
        await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    });
    await hanging;
    await loop[Symbol.asyncDispose]();
    await loop[Symbol.asyncDispose]();
    expect([rounds, heard, pauses]).toEqual([5, [1, 2], [7, 100, 200, 7]]);
  });
});

describe("createTickBatch", () => {
  it("hands over together what one turn asks for, and each caller gets its own answer", async () => {
    const batches: number[][] = [];
    const ask = createTickBatch<number, number>(async (items) => {
      batches.push(items.map(({ value }) => value));
      for (const item of items) item.resolve(item.value * 10);
    }, 3);
    expect(await Promise.all([1, 2, 3, 4].map(ask))).toEqual([10, 20, 30, 40]);
    expect(batches).toEqual([[1, 2, 3], [4]]);
    expect(await ask(5)).toBe(50);
  });

  it("rejects whoever is left when the write fails", async () => {
    const ask = createTickBatch<number, number>(async ([first]: readonly BatchItem<number, number>[]) => {
      first?.resolve(0);
      throw new Error("cut");
    });
    const outcomes = await Promise.allSettled([ask(1), ask(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});

describe("systemClock", () => {
  it("sleeps, and wakes early on a signal without rejecting", async () => {
    const stop = new AbortController();
    const sleeping = systemClock.sleep(2 ** 40, stop.signal);
    stop.abort();
    await sleeping;
    await systemClock.sleep(1);
    await systemClock.sleep(1000, AbortSignal.abort());
  });
});
