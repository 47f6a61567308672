import assert from "node:assert/strict";
import { systemClock } from "@celeriac/core/lifecycle";
import type { ChordEntry, ChordPart } from "@celeriac/core/ports";
import { encodeJson } from "@celeriac/core/protocol";
import { type BackendCase, type BackendStage, backendCase } from "./backend-stage.js";
import { samplePart, standingText } from "./sample-chord-part.js";
import { sampleFailure } from "./sample-record.js";

const ODD_TEXTS: readonly string[] = [
  'it\'s "quoted"',
  "back\\slash\\",
  "new\nline\0end",
  "naïve ☃ 😀 \u2028",
  "%d %s ^$().[]*+-?",
  '[1, "t0", "SUCCESS", 5]',
  "",
];

/** What counts as growing slower: a store that goes through all entries for each new one is seven times as slow at last. */
const SLOWER = 4;
/** Milliseconds that a busy machine may take from any batch. */
const SLOW_MS = 250;

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function entriesOf(stage: BackendStage, parts: readonly ChordPart[]): Promise<readonly ChordEntry[]> {
  const chords = stage.chordsOf();
  await chords.setSize("chord", parts.length);
  const standings = await Promise.all(parts.map((part) => chords.addPart(part)));
  const complete = standings.flatMap((standing) => (standing.kind === "complete" ? [standing] : []));
  assert.equal(complete.length, 1);
  return complete[0]?.entries ?? [];
}

/** What the finisher is handed. */
export const chordEntryCases: readonly BackendCase[] = [
  backendCase(
    "results are in the header's order, not in that of their coming",
    async (stage) => {
      const order = [10, 3, 0, 11, 2, 9, 1];
      const entries = await entriesOf(
        stage,
        order.map((index) => samplePart(index)),
      );
      assert.deepEqual(
        entries.map(({ result }) => result),
        [0, 1, 2, 3, 9, 10, 11],
      );
    },
    ["chords"],
  ),

  backendCase(
    "tasks that have no place come last",
    async (stage) => {
      const entries = await entriesOf(stage, [
        samplePart(7, { groupIndex: null }),
        samplePart(1),
        samplePart(8, { groupIndex: null }),
        samplePart(0),
      ]);
      assert.deepEqual(
        entries.map(({ taskId }) => taskId),
        ["t0", "t1", "t7", "t8"],
      );
    },
    ["chords"],
  ),

  backendCase(
    "tasks that share a place are all there",
    async (stage) => {
      const parts = Array.from({ length: 20 }, (_, index) => samplePart(index, { groupIndex: 0 }));
      const entries = await entriesOf(stage, parts);
      assert.deepEqual(
        entries.map(({ result }) => Number(result)).sort((a, b) => a - b),
        parts.map((_, index) => index),
      );
    },
    ["chords"],
  ),

  backendCase(
    "failures come as data, with their state",
    async (stage) => {
      const entries = await entriesOf(stage, [
        samplePart(0),
        samplePart(1, { status: "FAILURE", result: JSON.stringify(sampleFailure) }),
        samplePart(2, {
          status: "REVOKED",
          result: JSON.stringify({ ...sampleFailure, exc_type: "TaskRevokedError" }),
        }),
      ]);
      assert.deepEqual(entries, [
        { taskId: "t0", status: "SUCCESS", result: 0 },
        { taskId: "t1", status: "FAILURE", result: sampleFailure },
        { taskId: "t2", status: "REVOKED", result: { ...sampleFailure, exc_type: "TaskRevokedError" } },
      ]);
    },
    ["chords"],
  ),

  backendCase(
    "results of every type come back as they were",
    async (stage) => {
      const values = [null, true, 1.5, 2n ** 70n, new Uint8Array([0, 255]), new Date(0), { a: [{}] }, ODD_TEXTS];
      const parts = values.map((value, index) => samplePart(index, { result: encodeJson(value) }));
      const entries = await entriesOf(stage, parts);
      assert.deepEqual(
        entries.map(({ result }) => encodeJson(result)),
        values.map((value) => encodeJson(value)),
      );
    },
    ["chords"],
  ),

  backendCase(
    "odd task ids are kept apart, repeated or not",
    async (stage) => {
      const chords = stage.chordsOf();
      const ids = [...ODD_TEXTS.filter((id) => id !== ""), "t", "T", "t1", "t11"];
      await chords.setSize("chord", ids.length + 1);
      for (const [index, taskId] of ids.entries()) {
        const part = samplePart(index, { taskId });
        for (const result of ["1", "2"]) await chords.addPart({ ...part, result });
        // Redelivered by a peer that does not say where it belongs.
        await chords.addPart({ ...part, result: "3", groupIndex: null, size: null });
      }
      const last = await chords.addPart(samplePart(99));
      assert.ok(last.kind === "complete");
      const unplaced = new Set(ids);
      for (const { taskId, result } of last.entries.slice(0, ids.length)) {
        assert.ok(unplaced.delete(taskId), JSON.stringify(taskId));
        assert.equal(result, 1, JSON.stringify(taskId));
      }
    },
    ["chords"],
  ),

  backendCase(
    "a header of 10,000 tasks is joined without growing slower",
    async (stage) => {
      const chords = stage.chordsOf();
      const size = 10_000;
      const patient = { timeoutMs: 60_000 };
      await chords.setSize("chord", size);
      const tookMs: number[] = [];
      let finished = "";
      for (let from = 0; from < size; from += 500) {
        const parts = Array.from({ length: 500 }, (_, index) => samplePart(from + index, { groupIndex: null }));
        const startedMs = systemClock.monotonic();
        const standings = await Promise.all(parts.map((part) => chords.addPart(part, patient)));
        tookMs.push(systemClock.monotonic() - startedMs);
        for (const standing of standings) {
          if (standing.kind === "complete") finished += `${standing.entries.length} `;
        }
      }
      assert.equal(finished, `${size} `);
      const [first, last] = [median(tookMs.slice(0, 5)), median(tookMs.slice(-5))];
      assert.ok(last < SLOWER * first + SLOW_MS, `500 took ${first} ms in the beginning and ${last} ms in the end`);
      const again = await chords.addPart(samplePart(size - 1, { groupIndex: null }), patient);
      assert.ok(again.kind === "complete" && new Set(again.entries.map(({ taskId }) => taskId)).size === size);
    },
    ["chords"],
  ),

  backendCase(
    "the first result of a task stays, whatever it returns the second time",
    async (stage) => {
      const chords = stage.chordsOf();
      await chords.setSize("chord", 2);
      await chords.addPart(samplePart(0, { result: '"first"' }));
      assert.equal((await chords.addPart(samplePart(0, { result: '"second"' }))).kind, "waiting");
      const failure = { status: "FAILURE" as const, result: JSON.stringify(sampleFailure) };
      assert.equal((await chords.addPart(samplePart(0, failure))).kind, "waiting");
      assert.equal(standingText(await chords.addPart(samplePart(1))), 't0="first" t1=1');
    },
    ["chords"],
  ),
];
