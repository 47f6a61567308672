import assert from "node:assert/strict";
import type { TaskState } from "@celeriac/core/protocol";
import { type BackendCase, type BackendStage, backendCase } from "./backend-stage.js";
import { sampleFailure, sampleRecord } from "./sample-record.js";

async function statusAfter(stage: BackendStage, ...states: readonly TaskState[]): Promise<TaskState | undefined> {
  for (const state of states) await stage.backend.store(sampleRecord("task", state, `value of ${state}`));
  return (await stage.backend.fetch("task"))?.status;
}

/** Store, fetch, forget, and which state may follow which. */
export const stateCases: readonly BackendCase[] = [
  backendCase("a task nothing is stored for is undefined", async (stage) => {
    assert.equal(await stage.backend.fetch("unknown"), undefined);
  }),

  backendCase("what is stored is fetched", async (stage) => {
    await stage.backend.store(sampleRecord("task", "SUCCESS", { answer: [42, null] }));
    const meta = await stage.backend.fetch("task");
    assert.equal(meta?.taskId, "task");
    assert.equal(meta?.status, "SUCCESS");
    assert.deepEqual(meta?.result, { answer: [42, null] });
    assert.equal(meta?.traceback, null);
  }),

  backendCase("what one backend stores another one fetches", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await stage.backend.store(sampleRecord("task"));
    assert.equal((await peer.fetch("task"))?.status, "SUCCESS");
  }),

  backendCase("results outlive the backend that stored them", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await stage.backend.store(sampleRecord("task"));
    await stage.backend[Symbol.asyncDispose]();
    assert.equal((await peer.fetch("task"))?.result, 5);
  }),

  backendCase("a later state replaces an earlier one", async (stage) => {
    assert.equal(await statusAfter(stage, "STARTED", "PROGRESS", "RETRY", "STARTED", "SUCCESS"), "SUCCESS");
    assert.equal((await stage.backend.fetch("task"))?.result, "value of SUCCESS");
  }),

  backendCase("after SUCCESS no other state is stored", async (stage) => {
    for (const state of ["STARTED", "RETRY", "FAILURE", "REVOKED", "PROGRESS"]) {
      assert.equal(await statusAfter(stage, "SUCCESS", state), "SUCCESS", state);
      assert.equal((await stage.backend.fetch("task"))?.result, "value of SUCCESS", state);
    }
  }),

  backendCase("SUCCESS is sticky across backends", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await stage.backend.store(sampleRecord("task", "SUCCESS", "first"));
    await peer.store(sampleRecord("task", "FAILURE", sampleFailure));
    assert.equal((await stage.backend.fetch("task"))?.result, "first");
    assert.equal((await peer.fetch("task"))?.status, "SUCCESS");
  }),

  backendCase("SUCCESS stays when other states are stored at the same moment", async (stage) => {
    const peer = await stage.fixture.createPeer();
    for (let round = 0; round < 10; round += 1) {
      const id = `task ${round}`;
      await Promise.all([
        stage.backend.store(sampleRecord(id, "STARTED", null)),
        peer.store(sampleRecord(id, "SUCCESS", "done")),
        stage.backend.store(sampleRecord(id, "RETRY", sampleFailure)),
      ]);
      await stage.backend.store(sampleRecord(id, "PROGRESS", {}));
      assert.equal((await peer.fetch(id))?.status, "SUCCESS");
    }
  }),

  backendCase("other ready states may be replaced", async (stage) => {
    assert.equal(await statusAfter(stage, "FAILURE", "STARTED"), "STARTED");
    assert.equal(await statusAfter(stage, "REVOKED", "FAILURE", "SUCCESS"), "SUCCESS");
  }),

  backendCase("a forgotten result is gone, and may be stored anew", async (stage) => {
    await stage.backend.store(sampleRecord("task"));
    await stage.backend.forget("task");
    assert.equal(await stage.backend.fetch("task"), undefined);
    await stage.backend.store(sampleRecord("task", "STARTED", null));
    assert.equal((await stage.backend.fetch("task"))?.status, "STARTED");
  }),

  backendCase("forgetting what is not there is no error", async (stage) => {
    await stage.backend.forget("unknown");
  }),

  backendCase("forgetting one result leaves the others", async (stage) => {
    await stage.backend.store(sampleRecord("task"));
    await stage.backend.store(sampleRecord("task2"));
    await stage.backend.forget("task");
    assert.equal((await stage.backend.fetch("task2"))?.result, 5);
  }),
];
