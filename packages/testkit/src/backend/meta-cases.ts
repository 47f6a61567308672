import assert from "node:assert/strict";
import type { ResultTuple } from "@celeriac/core/ports";
import { type BackendCase, backendCase } from "./backend-stage.js";
import { DONE_AT_MS, sampleFailure, sampleRecord } from "./sample-record.js";

/** Every field of a record, there and back. */
export const metaCases: readonly BackendCase[] = [
  backendCase("values of every JSON kind come back", async (stage) => {
    const values = [null, true, false, 0, -1.5, 1e21, "", "é ☃ 😀 \u0000", [], {}, [[1], { a: [null] }]];
    for (const [index, value] of values.entries()) {
      await stage.backend.store(sampleRecord(`task ${index}`, "SUCCESS", value));
      assert.deepEqual((await stage.backend.fetch(`task ${index}`))?.result, value);
    }
  }),

  backendCase("a failure comes back as data, with its traceback", async (stage) => {
    const traceback = 'Traceback (most recent call last):\n  File "é.py", line 1\nValueError: boom\n';
    await stage.backend.store(sampleRecord("task", "FAILURE", sampleFailure, { traceback }));
    const meta = await stage.backend.fetch("task");
    assert.equal(meta?.status, "FAILURE");
    assert.deepEqual(meta?.result, sampleFailure);
    assert.equal(meta?.traceback, traceback);
  }),

  backendCase("the meta of a custom state comes back", async (stage) => {
    await stage.backend.store(sampleRecord("task", "PROGRESS", { done: 3, total: 10 }));
    const meta = await stage.backend.fetch("task");
    assert.equal(meta?.status, "PROGRESS");
    assert.deepEqual(meta?.result, { done: 3, total: 10 });
  }),

  backendCase("children come back as result tuples", async (stage) => {
    const children: readonly ResultTuple[] = [
      [["child", [["parent", null], null]], null],
      [["group", null], [[["member", null], null]]],
    ];
    await stage.backend.store(sampleRecord("task", "SUCCESS", 1, { children }));
    assert.deepEqual((await stage.backend.fetch("task"))?.children, children);
    await stage.backend.store(sampleRecord("none", "FAILURE", sampleFailure, { children: null }));
    assert.equal((await stage.backend.fetch("none"))?.children, null);
  }),

  backendCase("the date is kept for ready states and absent for others", async (stage) => {
    await stage.backend.store(sampleRecord("ready"));
    assert.equal((await stage.backend.fetch("ready"))?.dateDoneMs, DONE_AT_MS);
    await stage.backend.store(sampleRecord("started", "STARTED", { pid: 1 }));
    assert.equal((await stage.backend.fetch("started"))?.dateDoneMs, null);
  }),

  backendCase("group and parent come back, and stay absent when absent", async (stage) => {
    await stage.backend.store(sampleRecord("task", "SUCCESS", 1, { groupId: "group 1", parentId: "parent 1" }));
    const meta = await stage.backend.fetch("task");
    assert.equal(meta?.groupId, "group 1");
    assert.equal(meta?.parentId, "parent 1");
    await stage.backend.store(sampleRecord("alone"));
    const alone = await stage.backend.fetch("alone");
    assert.equal(alone?.groupId, undefined);
    assert.equal(alone?.parentId, undefined);
  }),

  backendCase("extended fields come back under their wire names", async (stage) => {
    const extended = {
      name: "tasks.add",
      args: [1, 2],
      kwargs: { debug: true },
      worker: "w1@host",
      retries: 2,
      queue: "celery",
    };
    await stage.backend.store(sampleRecord("task", "SUCCESS", 3, { extended }));
    const extra = (await stage.backend.fetch("task"))?.extra;
    assert.equal(extra?.name, "tasks.add");
    assert.deepEqual(extra?.args, [1, 2]);
    assert.deepEqual(extra?.kwargs, { debug: true });
    assert.equal(extra?.worker, "w1@host");
    assert.equal(extra?.retries, 2);
    assert.equal(extra?.queue, "celery");
  }),

  backendCase("stamps come back", async (stage) => {
    const extended = { name: "t", args: [], kwargs: {}, worker: "w", retries: 0, queue: "q" };
    const stamps = { tenant: "acme", batch: ["b1", "b2"] };
    await stage.backend.store(sampleRecord("task", "SUCCESS", 3, { extended, stamps }));
    const extra = (await stage.backend.fetch("task"))?.extra;
    assert.equal(extra?.tenant, "acme");
    assert.deepEqual(extra?.batch, ["b1", "b2"]);
  }),

  backendCase(
    "a stored record that cannot be read is a DecodeError",
    async (stage) => {
      await stage.fixture.putRaw?.("task", "{ not JSON");
      await assert.rejects(stage.backend.fetch("task"), { code: "E_RESULT" });
    },
    ["putRaw"],
  ),

  backendCase(
    "a record that cannot be read may be replaced",
    async (stage) => {
      await stage.fixture.putRaw?.("task", "{ not JSON");
      await stage.backend.store(sampleRecord("task"));
      assert.equal((await stage.backend.fetch("task"))?.status, "SUCCESS");
    },
    ["putRaw"],
  ),
];
