import { describe, expect, it } from "vitest";
import { BackendError } from "../errors/index.js";
import type { CallOptions, ResultBackend } from "../ports/index.js";
import type { ResultMeta } from "../protocol/index.js";
import { createApp } from "./create-app.js";

const META: ResultMeta = {
  ...{ taskId: "t", status: "SUCCESS", result: 5, traceback: null, children: null, dateDoneMs: 0, extra: {} },
};
const AWAY = new BackendError("away", { code: "BACKEND_UNAVAILABLE", retryable: true });

/** Fails the first calls of every kind, and writes down what it was asked. */
function failing(times: number, error: unknown = AWAY) {
  const asked: (readonly [string, CallOptions | undefined])[] = [];
  const counts = new Map<string, number>();
  const answer = async <T>(call: string, options: CallOptions | undefined, value: T): Promise<T> => {
    asked.push([call, options]);
    const count = (counts.get(call) ?? 0) + 1;
    counts.set(call, count);
    if (count <= times) throw error;
    return value;
  };
  const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };
  const backend: ResultBackend = {
    description: "failing",
    store: (_record, options) => answer("store", options, undefined),
    fetch: (_taskId, options) => answer("fetch", options, META),
    forget: (_taskId, options) => answer("forget", options, undefined),
    cleanup: (_olderThanMs, options) => answer("cleanup", options, 3),
    watcher: {
      watch: async (_taskId, onMeta, options) => {
        await answer("watch", options, undefined);
        onMeta(META);
        return nothing;
      },
    },
    groups: {
      save: (_groupId, _tuple, options) => answer("save", options, undefined),
      restore: (_groupId, options) => answer("restore", options, undefined),
      delete: (_groupId, options) => answer("delete", options, undefined),
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
  return { backend, asked, count: (call: string) => counts.get(call) ?? 0 };
}

const QUICK = {
  resultBackendAlwaysRetry: true,
  resultBackendBaseSleepBetweenRetriesMs: 1,
  resultBackendMaxSleepBetweenRetriesMs: 2,
};
const open = (backend: ResultBackend, settings: object = {}): ResultBackend => {
  const opened = createApp("t", { backend, ...QUICK, ...settings }).backend;
  if (opened === undefined) throw new Error("no backend");
  return opened;
};

describe("result_backend_always_retry", () => {
  it("is off unless asked for", async () => {
    const { backend } = failing(1);
    const app = createApp("t", { backend });
    expect(app.backend).toBe(backend);
    await expect(app.result("t").state()).rejects.toBe(AWAY);
  });

  it("asks again until there is an answer, for everything that a client asks", async () => {
    const { backend, count } = failing(3);
    const app = createApp("t", { backend, ...QUICK });
    expect(await app.result("t").state()).toBe("SUCCESS");
    expect(await app.result("t").get({ timeout: "5s" })).toBe(5);
    await app.result("t").forget();
    const { groups } = open(backend);
    await Promise.all([groups.save("g", [["g", null], []]), groups.restore("g"), groups.delete("g")]);
    for (const call of ["fetch", "watch", "forget", "save", "restore", "delete"]) expect(count(call), call).toBe(4);
  });

  it("leaves stores to the worker, which repeats them until its message goes back", async () => {
    const { backend, count } = failing(1);
    const record = { ...META, result: "5" };
    await expect(open(backend).store(record)).rejects.toBe(AWAY);
    expect(count("store")).toBe(1);
    expect(
      await open(backend)
        .cleanup?.(0)
        .catch(() => "away"),
    ).toBe("away");
  });

  it("gives up after result_backend_max_retries, with the last error", async () => {
    const { backend, count } = failing(9);
    await expect(open(backend, { resultBackendMaxRetries: 2 }).fetch("t")).rejects.toBe(AWAY);
    expect(count("fetch")).toBe(3);
    await expect(open(backend, { resultBackendMaxRetries: 0 }).fetch("t")).rejects.toBe(AWAY);
    expect(count("fetch")).toBe(4);
  });

  it("does not repeat what would fail again", async () => {
    const refused = new BackendError("no", { code: "BACKEND_REFUSED" });
    const { backend, count } = failing(9, refused);
    await expect(open(backend).fetch("t")).rejects.toBe(refused);
    expect(count("fetch")).toBe(1);
  });

  it("keeps to the deadline of a call, and lets each try have no more than what is left", async () => {
    const { backend, asked } = failing(Number.POSITIVE_INFINITY);
    await expect(open(backend).fetch("t", { timeoutMs: 40 })).rejects.toBe(AWAY);
    const limits = asked.map(([, options]) => options?.timeoutMs ?? Number.POSITIVE_INFINITY);
    expect(limits.length).toBeGreaterThan(2);
    expect(limits.toSorted((left, right) => right - left)).toEqual(limits);
    expect(Math.max(...limits)).toBe(40);
  });

  it("stops at a signal with its reason, and when the app is closed with the last error", async () => {
    const slow = { resultBackendBaseSleepBetweenRetriesMs: 60_000, resultBackendMaxSleepBetweenRetriesMs: 60_000 };
    const { backend } = failing(Number.POSITIVE_INFINITY);
    const stop = new AbortController();
    const fetching = open(backend, slow).fetch("t", { signal: stop.signal });
    await Promise.resolve();
    stop.abort(new Error("enough"));
    await expect(fetching).rejects.toThrow("enough");

    const app = createApp("t", { backend, ...QUICK, ...slow });
    const asking = expect(app.result("t").state()).rejects.toBe(AWAY);
    await new Promise((resolve) => setImmediate(resolve));
    await app.close();
    await asking;
  });
});
