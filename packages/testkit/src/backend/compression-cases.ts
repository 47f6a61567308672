import assert from "node:assert/strict";
import { type BackendCase, type BackendStage, backendCase } from "./backend-stage.js";
import { sampleFailure, sampleRecord } from "./sample-record.js";

/** Long enough for any store to find compressing worthwhile, and with every kind of letter. */
const LONG = { text: "all work and no play; 仕事; ☃; 😀; ".repeat(300), kept: [1, 2.5, null, true] };

async function compressingPeer({ fixture }: BackendStage): Promise<BackendStage["backend"]> {
  if (fixture.createCompressingPeer === undefined) throw new Error("The case needs createCompressingPeer.");
  return fixture.createCompressingPeer();
}

/** Results that a peer keeps compressed: reading them is not an option, only writing them is. */
export const compressionCases: readonly BackendCase[] = [
  backendCase(
    "a result that a peer compressed is fetched and heard of by one that does not compress",
    async (stage) => {
      const peer = await compressingPeer(stage);
      const log = await stage.watch("task");
      await peer.store(sampleRecord("task", "SUCCESS", LONG));
      for (const reader of [stage.backend, peer]) {
        const meta = await reader.fetch("task");
        assert.equal(meta?.status, "SUCCESS");
        assert.deepEqual(meta?.result, LONG);
      }
      await log.until(`SUCCESS:${JSON.stringify(LONG)}`);
    },
    ["compress"],
  ),

  backendCase(
    "a SUCCESS that a peer compressed is sticky, and its other states are not",
    async (stage) => {
      const peer = await compressingPeer(stage);
      await peer.store(sampleRecord("task", "FAILURE", { ...sampleFailure, exc_message: [LONG.text] }));
      await peer.store(sampleRecord("task", "SUCCESS", LONG));
      for (const writer of [stage.backend, peer]) {
        await writer.store(sampleRecord("task", "FAILURE", sampleFailure));
        assert.deepEqual((await stage.backend.fetch("task"))?.result, LONG);
      }
    },
    ["compress"],
  ),
];
