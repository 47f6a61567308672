import assert from "node:assert/strict";
import { type BackendCase, backendCase } from "./backend-stage.js";
import { samplePart } from "./sample-chord-part.js";

/** Signals, deadlines, and use after close. */
export const chordCallCases: readonly BackendCase[] = [
  backendCase(
    "an aborted signal rejects a call about a chord with its reason",
    async (stage) => {
      const chords = stage.chordsOf();
      const reason = new Error("not wanted any more");
      const signal = AbortSignal.abort(reason);
      const same = (error: unknown): boolean => error === reason;
      await assert.rejects(chords.setSize("chord", 1, { signal }), same);
      await assert.rejects(chords.extend("chord", "added", { signal }), same);
      await assert.rejects(chords.addPart(samplePart(0), { signal }), same);
      await assert.rejects(chords.close("chord", { signal }), same);
      await chords.setSize("chord", 1);
      assert.equal((await chords.addPart(samplePart(1))).kind, "complete", "nothing of it was done");
    },
    ["chords"],
  ),

  backendCase(
    "a call about a chord that gets no answer fails at its deadline",
    async (stage) => {
      const chords = stage.chordsOf();
      await chords.setSize("chord", 1);
      await stage.fixture.stall?.();
      const failure = (error: Error & { code?: string; retryable?: boolean }): boolean => {
        assert.ok(error.code === "BACKEND_TIMEOUT" || error.code === "BACKEND_UNAVAILABLE", error.code);
        return error.retryable === true;
      };
      await assert.rejects(chords.setSize("other", 1, { timeoutMs: 200 }), failure);
      await assert.rejects(chords.addPart(samplePart(0), { timeoutMs: 200 }), failure);
      await assert.rejects(chords.close("other", { timeoutMs: 200 }), failure);
    },
    ["chords", "stall"],
  ),

  backendCase(
    "every call about a chord on a closed backend is refused as BACKEND_CLOSED",
    async (stage) => {
      const chords = stage.chordsOf();
      await chords.setSize("chord", 1);
      await stage.backend[Symbol.asyncDispose]();
      const closed = { code: "BACKEND_CLOSED" };
      await assert.rejects(chords.setSize("chord", 1), closed);
      await assert.rejects(chords.extend("chord", "added"), closed);
      await assert.rejects(chords.addPart(samplePart(0)), closed);
      await assert.rejects(chords.close("chord"), closed);
    },
    ["chords"],
  ),
];
