import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { withDeadline } from "@celeriac/core/lifecycle";
import { type BackendCase, type BackendStage, backendCase } from "./backend-stage.js";
import { sampleRecord } from "./sample-record.js";

const ODD_IDS: readonly string[] = [
  "$",
  'it\'s "quoted"',
  "a/b/../c",
  "back\\slash",
  "naïve ☃ 😀",
  "per%20cent%2F",
  "new\nline",
  ".",
  "..",
  "__proto__",
  "constructor",
  "UPPER",
  "upper",
];

/** Odd ids, big results, many at once, deadlines, and use after close. */
export const limitCases: readonly BackendCase[] = [
  backendCase("odd ids are kept apart", async (stage) => {
    for (const [index, id] of ODD_IDS.entries()) await stage.backend.store(sampleRecord(id, "SUCCESS", index));
    for (const [index, id] of ODD_IDS.entries()) {
      const meta = await stage.backend.fetch(id);
      assert.equal(meta?.result, index, JSON.stringify(id));
      assert.equal(meta?.taskId, id);
    }
    for (const id of ODD_IDS) await stage.backend.forget(id);
    for (const id of ODD_IDS) assert.equal(await stage.backend.fetch(id), undefined, JSON.stringify(id));
  }),

  backendCase("odd ids can be watched", async (stage) => {
    for (const id of ODD_IDS.slice(0, 8)) {
      const log = await stage.watch(id);
      await stage.backend.store(sampleRecord(id));
      await log.until("SUCCESS:5");
      await log[Symbol.asyncDispose]();
    }
  }),

  backendCase("odd group ids are kept apart", async (stage) => {
    for (const id of ODD_IDS) await stage.backend.groups.save(id, [[id, null], []]);
    for (const id of ODD_IDS) assert.deepEqual(await stage.backend.groups.restore(id), [[id, null], []]);
  }),

  backendCase("a result of 1 MiB comes back whole, to watchers too", async (stage) => {
    const value = "0123456789abcdef".repeat(65_536);
    const log = await stage.watch("task");
    await stage.backend.store(sampleRecord("task", "SUCCESS", value));
    assert.equal((await stage.backend.fetch("task"))?.result, value);
    await log.until(`SUCCESS:"${value}"`);
  }),

  backendCase("five hundred concurrent stores are all kept", async (stage) => {
    const ids = Array.from({ length: 500 }, (_, index) => `task ${index}`);
    await Promise.all(ids.map((id, index) => stage.backend.store(sampleRecord(id, "SUCCESS", index))));
    const metas = await Promise.all(ids.map((id) => stage.backend.fetch(id)));
    assert.deepEqual(
      metas.map((meta) => meta?.result),
      ids.map((_, index) => index),
    );
  }),

  backendCase("concurrent stores for one task leave the last one asked for", async (stage) => {
    const stores = Array.from({ length: 20 }, (_, index) =>
      stage.backend.store(sampleRecord("task", "PROGRESS", index)),
    );
    await Promise.all(stores);
    assert.equal((await stage.backend.fetch("task"))?.result, 19);
  }),

  backendCase("an aborted signal rejects the call with its reason", async (stage) => {
    const reason = new Error("not wanted any more");
    const signal = AbortSignal.abort(reason);
    const same = (error: unknown): boolean => error === reason;
    await assert.rejects(stage.backend.store(sampleRecord("task"), { signal }), same);
    await assert.rejects(stage.backend.fetch("task", { signal }), same);
    await assert.rejects(stage.backend.forget("task", { signal }), same);
    await assert.rejects(stage.backend.groups.restore("group", { signal }), same);
    await assert.rejects(
      stage.backend.watcher.watch("task", () => undefined, { signal }),
      same,
    );
  }),

  backendCase(
    "a call that gets no answer fails at its deadline",
    async (stage) => {
      await stage.backend.fetch("warm");
      await stage.fixture.stall?.();
      await assert.rejects(stage.backend.store(sampleRecord("task"), { timeoutMs: 200 }), {
        code: "BACKEND_TIMEOUT",
        retryable: true,
      });
      await assert.rejects(stage.backend.fetch("task", { timeoutMs: 200 }), { code: "BACKEND_TIMEOUT" });
    },
    ["stall"],
  ),

  backendCase("every call on a closed backend is refused as BACKEND_CLOSED", async (stage) => {
    const { backend } = stage;
    await backend.store(sampleRecord("task"));
    await backend[Symbol.asyncDispose]();
    const closed = { code: "BACKEND_CLOSED" };
    await assert.rejects(backend.store(sampleRecord("task")), closed);
    await assert.rejects(backend.fetch("task"), closed);
    await assert.rejects(backend.forget("task"), closed);
    await assert.rejects(
      backend.watcher.watch("task", () => undefined),
      closed,
    );
    await assert.rejects(backend.groups.save("group", [["group", null], []]), closed);
    await assert.rejects(backend.groups.restore("group"), closed);
  }),

  backendCase("closing twice is safe, with watchers open too", async (stage) => {
    await stage.watch("task");
    await stage.backend[Symbol.asyncDispose]();
    await stage.backend[Symbol.asyncDispose]();
  }),

  backendCase("closing a backend while a watch begins leaves nobody waiting", async (stage) => {
    await stage.backend.fetch("warm");
    await closeWhileWatching(stage);
  }),

  backendCase(
    "closing a backend while a watch begins leaves nobody waiting, though the store does not answer",
    async (stage) => {
      await stage.backend.fetch("warm");
      await stage.fixture.stall?.();
      await closeWhileWatching(stage);
    },
    ["stall"],
  ),

  backendCase("closing one backend leaves its peers at work", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await peer.fetch("task");
    await peer[Symbol.asyncDispose]();
    const log = await stage.watch("task");
    await stage.backend.store(sampleRecord("task"));
    await log.until("SUCCESS:5");
  }),

  backendCase("a backend describes itself without credentials", async (stage) => {
    assert.ok(stage.backend.description.length > 0);
    assert.doesNotMatch(stage.backend.description, /:\/\/[^/]*:[^/]*@/);
  }),
];

/** A watch that is beginning when the backend is closed begins, or is refused, long before its deadline. */
async function closeWhileWatching({ backend, timing }: BackendStage): Promise<void> {
  const beginning = backend.watcher.watch("task", () => undefined, { timeoutMs: 60_000 });
  const ended = beginning.then(
    () => undefined,
    (error: Error & { readonly code?: string }) => assert.equal(error.code, "BACKEND_CLOSED", error.message),
  );
  await nextTurn();
  // Closing may take longer: what else waits for the store does so until its deadline.
  backend[Symbol.asyncDispose]().then(undefined, () => undefined);
  await withDeadline(ended, { timeoutMs: timing.settleMs }, () => new Error("The watch was left waiting."));
}
