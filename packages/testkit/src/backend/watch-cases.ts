import assert from "node:assert/strict";
import { type BackendCase, backendCase } from "./backend-stage.js";
import { sampleFailure, sampleRecord } from "./sample-record.js";

/** Hearing of results. */
export const watchCases: readonly BackendCase[] = [
  backendCase("a watcher hears the state stored before it came", async (stage) => {
    await stage.backend.store(sampleRecord("task"));
    const log = await stage.watch("task");
    assert.deepEqual(await log.until("SUCCESS:5"), ["SUCCESS:5"]);
  }),

  backendCase("a watcher hears nothing while nothing is stored", async (stage) => {
    const log = await stage.watch("task");
    await stage.backend.store(sampleRecord("another"));
    await log.pause();
    assert.deepEqual(log.heard, []);
  }),

  backendCase("a watcher hears a result stored later", async (stage) => {
    const log = await stage.watch("task");
    await stage.backend.store(sampleRecord("task"));
    await log.until("SUCCESS:5");
  }),

  backendCase("a watcher hears what another backend stores", async (stage) => {
    const peer = await stage.fixture.createPeer();
    const log = await stage.watch("task");
    await peer.store(sampleRecord("task"));
    await log.until("SUCCESS:5");
  }),

  backendCase("later states are heard in order", async (stage) => {
    const log = await stage.watch("task");
    const steps = ["STARTED:null", 'PROGRESS:{"done":1}', 'PROGRESS:{"done":2}', "SUCCESS:5"];
    const values = [null, { done: 1 }, { done: 2 }, 5];
    for (const [index, step] of steps.entries()) {
      await stage.backend.store(sampleRecord("task", step.split(":")[0] ?? "", values[index]));
      await log.until(step);
    }
    assert.deepEqual(log.heard, steps);
  }),

  backendCase("states stored in haste end with the last one, never out of order", async (stage) => {
    const log = await stage.watch("task");
    for (let done = 0; done < 20; done += 1) await stage.backend.store(sampleRecord("task", "PROGRESS", done));
    await stage.backend.store(sampleRecord("task", "SUCCESS", 20));
    await log.until("SUCCESS:20");
    await log.pause(); // what is told too late comes after the end
    assert.equal(log.heard.at(-1), "SUCCESS:20");
    const numbers = log.heard.map((entry) => Number(entry.split(":")[1]));
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
  }),

  backendCase("a result stored while the watch begins is not missed", async (stage) => {
    const peer = await stage.fixture.createPeer();
    for (let round = 0; round < 20; round += 1) {
      const id = `task ${round}`;
      const [log] = await Promise.all([stage.watch(id), peer.store(sampleRecord(id, "SUCCESS", round))]);
      await log.until(`SUCCESS:${round}`);
    }
  }),

  backendCase("a state that SUCCESS shut out is not heard", async (stage) => {
    await stage.backend.store(sampleRecord("task"));
    const log = await stage.watch("task");
    await log.until("SUCCESS:5");
    await stage.backend.store(sampleRecord("task", "FAILURE", sampleFailure));
    await log.pause();
    assert.deepEqual(new Set(log.heard), new Set(["SUCCESS:5"]));
  }),

  backendCase("two watchers of one task both hear it", async (stage) => {
    const first = await stage.watch("task");
    const second = await stage.watch("task");
    await stage.backend.store(sampleRecord("task"));
    await first.until("SUCCESS:5");
    await second.until("SUCCESS:5");
  }),

  backendCase("a disposed watcher hears nothing more, the other one still does", async (stage) => {
    const gone = await stage.watch("task");
    const stays = await stage.watch("task");
    await gone[Symbol.asyncDispose]();
    await gone[Symbol.asyncDispose]();
    await stage.backend.store(sampleRecord("task"));
    await stays.until("SUCCESS:5");
    await gone.pause();
    assert.deepEqual(gone.heard, []);
  }),

  backendCase("a task can be watched again after its watchers are gone", async (stage) => {
    const gone = await stage.watch("task");
    await gone[Symbol.asyncDispose]();
    const again = await stage.watch("task");
    await stage.backend.store(sampleRecord("task"));
    await again.until("SUCCESS:5");
  }),

  backendCase("a hundred tasks watched at once are told apart", async (stage) => {
    const logs = await Promise.all(Array.from({ length: 100 }, (_, index) => stage.watch(`task ${index}`)));
    await Promise.all(logs.map((_, index) => stage.backend.store(sampleRecord(`task ${index}`, "SUCCESS", index))));
    for (const [index, log] of logs.entries()) {
      const heard = await log.until(`SUCCESS:${index}`);
      assert.deepEqual(new Set(heard), new Set([`SUCCESS:${index}`]));
      assert.equal(log.metas[0]?.taskId, `task ${index}`);
    }
  }),
];
