import assert from "node:assert/strict";
import { type BackendCase, type BackendStage, backendCase } from "./backend-stage.js";
import { sampleRecord } from "./sample-record.js";

/** Apart in their last character only. */
const LONG_IDS: readonly string[] = ["a", "b"].map((end) => "x".repeat(199) + end);

/** One character more than the store can hold. */
function tooLong(stage: BackendStage): string {
  return "x".repeat((stage.fixture.maxIdLength ?? 0) + 1);
}

/** Ids that do not fit into every store: kept whole, or refused. Cut off, they would give one task the result of another. */
export const longIdCases: readonly BackendCase[] = [
  backendCase(
    "ids of 200 characters are kept apart",
    async (stage) => {
      for (const [index, id] of LONG_IDS.entries()) await stage.backend.store(sampleRecord(id, "SUCCESS", index));
      for (const [index, id] of LONG_IDS.entries()) {
        assert.equal((await stage.backend.fetch(id))?.result, index);
        const log = await stage.watch(id);
        await log.until(`SUCCESS:${index}`);
      }
    },
    ["longIds"],
  ),

  backendCase(
    "group ids of 200 characters are kept apart",
    async (stage) => {
      for (const id of LONG_IDS) await stage.backend.groups.save(id, [[id, null], []]);
      for (const id of LONG_IDS) assert.deepEqual(await stage.backend.groups.restore(id), [[id, null], []]);
    },
    ["longIds"],
  ),

  backendCase(
    "an id longer than the store can hold is refused, not cut",
    async (stage) => {
      const id = tooLong(stage);
      const refused = { code: "BACKEND_REFUSED", retryable: false };
      await assert.rejects(stage.backend.store(sampleRecord(id)), refused);
      await assert.rejects(stage.backend.groups.save(id, [[id, null], []]), refused);
      const longest = id.slice(1);
      await stage.backend.store(sampleRecord(longest));
      assert.equal((await stage.backend.fetch(longest))?.taskId, longest);
    },
    ["idLimit"],
  ),
];
