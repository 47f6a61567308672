import { afterEach, describe, expect, it } from "vitest";
import type { ResultMeta } from "../protocol/result-meta.js";
import { createDeferred } from "./deferred.js";
import { createPollPace } from "./poll-pace.js";
import { PollingWatcher, type Reading } from "./polling-watcher.js";
import { systemClock } from "./system-clock.js";

const metaOf = (taskId: string, status: string, result: unknown = null): ResultMeta => ({
  ...{ taskId, status, result, traceback: null, children: null, dateDoneMs: null, extra: {} },
});

/** A store that announces nothing, and counts what it is asked. */
class Store {
  readonly states = new Map<string, Reading>();
  readonly asked: { readonly kind: "states" | "marks"; readonly ids: readonly string[] }[] = [];
  failure: Error | undefined;
  /** What answers wait for. */
  answering: Promise<void> = Promise.resolve();

  put(taskId: string, status: string, mark = status): void {
    this.states.set(taskId, { mark, meta: metaOf(taskId, status) });
  }

  #ask(kind: "states" | "marks", ids: readonly string[]): readonly (readonly [string, Reading])[] {
    this.asked.push({ kind, ids: [...ids] });
    if (this.failure !== undefined) throw this.failure;
    return ids.flatMap((id) => {
      const reading = this.states.get(id);
      return reading === undefined ? [] : [[id, reading] as const];
    });
  }

  watch(): PollingWatcher {
    return new PollingWatcher({
      readStates: async (ids) => {
        await this.answering;
        return new Map(this.#ask("states", ids));
      },
      readMarks: async (ids) => new Map(this.#ask("marks", ids).map(([id, { mark }]) => [id, mark])),
      pace: createPollPace(() => ({ minMs: 1, maxMs: 2 })),
      clock: systemClock,
      timeoutMs: 1_000,
      tooLate: (taskId) => new Error(`${taskId} too late`),
      listen: async () => undefined,
      checkId: (taskId) => {
        if (taskId === "bad") throw new Error("bad id");
      },
      readsPerCall: 2,
    });
  }
}

describe("a watcher that looks", () => {
  const opened: AsyncDisposable[] = [];
  afterEach(() => Promise.all(opened.splice(0).map((one) => one[Symbol.asyncDispose]())));

  const open = (): { readonly store: Store; readonly watcher: PollingWatcher } => {
    const store = new Store();
    const watcher = store.watch();
    opened.push(watcher);
    return { store, watcher };
  };

  it("tells the state that is there, then each later one, once", async () => {
    const { store, watcher } = open();
    store.put("t", "STARTED");
    const heard: string[] = [];
    await watcher.watch("t", ({ status }) => heard.push(status));
    expect(heard).toEqual(["STARTED"]);
    store.put("t", "PROGRESS");
    await expect.poll(() => heard).toEqual(["STARTED", "PROGRESS"]);
    store.put("t", "SUCCESS");
    watcher.changed(["t", "somebody else's"]);
    await expect.poll(() => heard).toEqual(["STARTED", "PROGRESS", "SUCCESS"]);
  });

  it("asks once for all who wait, in portions, and never for none", async () => {
    const { store, watcher } = open();
    const ids = ["a", "b", "c", "c"];
    await Promise.all(ids.map((id) => watcher.watch(id, () => undefined)));
    expect(store.asked.slice(0, 2)).toEqual([
      { kind: "states", ids: ["a", "b"] },
      { kind: "states", ids: ["c"] },
    ]);
    store.put("a", "STARTED");
    await expect.poll(() => store.asked.some(({ kind }) => kind === "marks")).toBe(true);
    expect(store.asked.filter((one) => one.ids.length === 0)).toEqual([]);
  });

  it("looks no more when the last one has left, nor for what is final", async () => {
    const { store, watcher } = open();
    store.put("done", "SUCCESS");
    const watch = await watcher.watch("done", () => undefined);
    const other = await watcher.watch("open", () => undefined);
    store.asked.length = 0;
    await expect.poll(() => store.asked.length).toBeGreaterThan(2);
    expect(store.asked.flatMap(({ ids }) => ids)).not.toContain("done");
    await other[Symbol.asyncDispose]();
    await watch[Symbol.asyncDispose]();
    await systemClock.sleep(5); // lets the look that is under way end
    store.asked.length = 0;
    await systemClock.sleep(20);
    expect(store.asked).toEqual([]);
  });

  it("outlives a store that is away, and says so", async () => {
    const { store, watcher } = open();
    const heard: string[] = [];
    const errors: unknown[] = [];
    await watcher.watch("t", ({ status }) => heard.push(status), { onError: (error) => errors.push(error) });
    store.failure = new Error("away");
    await expect.poll(() => errors.length).toBeGreaterThan(0);
    await expect(watcher.watch("new", () => undefined)).rejects.toThrow("away");
    store.put("t", "SUCCESS");
    store.failure = undefined;
    await expect.poll(() => heard, { timeout: 3_000 }).toEqual(["SUCCESS"]);
  });

  it("refuses an id that the store cannot hold, and everything once it is closed", async () => {
    const { watcher } = open();
    await expect(watcher.watch("bad", () => undefined)).rejects.toThrow("bad id");
    await watcher[Symbol.asyncDispose]();
    await expect(watcher.watch("t", () => undefined)).rejects.toMatchObject({ code: "BACKEND_CLOSED" });
  });

  it("a watch that has not begun when it is closed fails at once, not at its deadline", async () => {
    const { store, watcher } = open();
    const answer = createDeferred<void>();
    store.answering = answer.promise;
    const beginning = watcher.watch("t", () => undefined, { timeoutMs: 60_000 });
    await systemClock.sleep(0); // so that it has been asked for
    const closing = watcher[Symbol.asyncDispose]();
    await expect(beginning).rejects.toMatchObject({ code: "BACKEND_CLOSED" });
    answer.resolve();
    await closing;
  });

  it("reports an unreadable state once, and goes on", async () => {
    const { store, watcher } = open();
    store.states.set("t", { mark: "broken", error: new Error("unreadable") });
    const heard: string[] = [];
    const errors: unknown[] = [];
    await watcher.watch("t", ({ status }) => heard.push(status), { onError: (error) => errors.push(error) });
    store.put("t", "SUCCESS");
    await expect.poll(() => heard).toEqual(["SUCCESS"]);
    expect(errors).toEqual([expect.objectContaining({ message: "unreadable" })]);
  });
});
