import { describe, expect, it } from "vitest";
import { mapBackend } from "../../test/support/map-backend.js";
import { sampleRecord } from "../../test/support/sample-record.js";
import { createApp } from "./create-app.js";
import { createResultHandle } from "./result-handle.js";

const boom = { exc_type: "ValueError", exc_message: ["boom", 5], exc_module: "builtins" };

describe("get()", () => {
  it("waits for the result, and leaves no watch behind", async () => {
    const backend = mapBackend();
    const handle = createResultHandle<number>({ backend }, "id");
    const got = handle.get({ timeout: "5s" });
    await backend.store(sampleRecord("id", "STARTED", {}));
    await backend.store(sampleRecord("id", "SUCCESS", 7));
    await expect(got).resolves.toBe(7);
    await Promise.resolve();
    expect(backend.watching()).toBe(0);
  });

  it("has it at once when it is stored already", async () => {
    const backend = mapBackend();
    await backend.store(sampleRecord("id", "SUCCESS", null));
    await expect(createResultHandle({ backend }, "id").get()).resolves.toBeNull();
  });

  it.each([
    ["FAILURE", "TASK_FAILED"],
    ["REVOKED", "TASK_REVOKED"],
  ])("rejects %s with a TaskError of code %s", async (status, code) => {
    const backend = mapBackend();
    await backend.store(sampleRecord("id", status, boom));
    await expect(createResultHandle({ backend }, "id").get()).rejects.toMatchObject({
      name: "TaskError",
      message: "ValueError: boom, 5",
      code,
      pyType: "ValueError",
      pyModule: "builtins",
      args: ["boom", 5],
      taskId: "id",
      traceback: status === "FAILURE" ? "Traceback..." : null,
    });
  });

  it("gives up after its timeout, retryable, and the watch ends", async () => {
    const backend = mapBackend();
    const handle = createResultHandle({ backend }, "id");
    await expect(handle.get({ timeout: "10ms" })).rejects.toMatchObject({
      name: "TimeoutError",
      code: "RESULT_TIMEOUT",
      retryable: true,
      message: "Task id did not finish within 0.01 s.",
    });
    await Promise.resolve();
    expect(backend.watching()).toBe(0);
  });

  it("does not take a month for no time at all", async () => {
    const backend = mapBackend();
    const got = createResultHandle({ backend }, "id").get({ timeout: "30d" });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await backend.store(sampleRecord("id", "SUCCESS", 1));
    await expect(got).resolves.toBe(1);
  });

  it("stops with the reason of its signal, before and while it waits", async () => {
    const backend = mapBackend();
    const handle = createResultHandle({ backend }, "id");
    await expect(handle.get({ signal: AbortSignal.abort(new Error("never")) })).rejects.toThrow("never");
    const stop = new AbortController();
    const got = handle.get({ signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(got).rejects.toThrow("enough");
  });

  it("rejects at once when there is nowhere to look, or nothing to wait for", async () => {
    await expect(createResultHandle({ backend: undefined }, "id").get()).rejects.toMatchObject({
      code: "BACKEND_MISSING",
      message: expect.stringContaining("createApp(name, { backend: redisBackend(url) })"),
    });
    const ignored = createResultHandle({ backend: mapBackend(), ignored: true }, "id");
    await expect(ignored.get()).rejects.toMatchObject({ code: "BACKEND_MISSING" });
  });

  it("rejects with what the watch fails with", async () => {
    const backend = { ...mapBackend(), watcher: { watch: () => Promise.reject(new Error("down")) } };
    await expect(createResultHandle({ backend }, "id").get()).rejects.toThrow("down");
  });
});

describe("the other ways to ask", () => {
  it("state is PENDING for what nobody stored", async () => {
    const backend = mapBackend();
    const handle = createResultHandle({ backend }, "id");
    expect(await handle.state()).toBe("PENDING");
    await backend.store(sampleRecord("id", "RETRY", boom));
    expect(await handle.state()).toBe("RETRY");
  });

  it("progress yields what the task reports, and ends with it, whatever its end", async () => {
    const backend = mapBackend();
    const seen: unknown[] = [];
    await backend.store(sampleRecord("id", "PROGRESS", 1));
    const stream = createResultHandle<unknown, number>({ backend }, "id").progress({ timeout: "5s" });
    for await (const step of stream) {
      seen.push(step);
      if (step === 1) {
        await backend.store(sampleRecord("id", "CUSTOM", "not progress"));
        await backend.store(sampleRecord("id", "PROGRESS", 2));
        await backend.store(sampleRecord("id", "FAILURE", boom));
      }
    }
    expect(seen).toEqual([1, 2]);
    await Promise.resolve();
    expect(backend.watching()).toBe(0);
  });

  it("leaving progress early ends its watch; its timeout rejects", async () => {
    const backend = mapBackend();
    await backend.store(sampleRecord("id", "PROGRESS", 1));
    const handle = createResultHandle({ backend }, "id");
    for await (const _step of handle.progress()) break;
    await Promise.resolve();
    expect(backend.watching()).toBe(0);
    const next = handle.progress({ timeout: "10ms" });
    await next.next();
    await expect(next.next()).rejects.toMatchObject({ code: "RESULT_TIMEOUT" });
  });

  it("forget removes the result", async () => {
    const backend = mapBackend();
    await backend.store(sampleRecord("id", "SUCCESS", 1));
    const handle = createResultHandle({ backend }, "id");
    await handle.forget();
    expect(await handle.meta()).toBeUndefined();
  });

  it("asTuple is Celery's form, parents inside", () => {
    const parent = createResultHandle({ backend: undefined }, "a");
    expect(createResultHandle({ backend: undefined }, "b", { parent }).asTuple()).toEqual([
      ["b", [["a", null], null]],
      null,
    ]);
  });

  it("a handle is not thenable: returning it waits for nothing", async () => {
    const app = createApp("test", { backend: mapBackend() });
    const handle = app.result("id");
    expect("then" in handle).toBe(false);
    expect(await (async () => handle)()).toBe(handle);
  });
});
