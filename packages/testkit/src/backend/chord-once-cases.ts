import assert from "node:assert/strict";
import { type BackendCase, type BackendStage, backendCase } from "./backend-stage.js";
import { samplePart, standingText } from "./sample-chord-part.js";

/** A chord of two whose finisher is `t1`. */
async function completeChord(stage: BackendStage): Promise<void> {
  const chords = stage.chordsOf();
  await chords.setSize("chord", 2);
  await chords.addPart(samplePart(0));
  assert.equal((await chords.addPart(samplePart(1))).kind, "complete");
}

/** One finisher, whatever is redelivered. RELIABILITY G11. */
export const chordOnceCases: readonly BackendCase[] = [
  backendCase(
    "a task that is redelivered counts once",
    async (stage) => {
      const chords = stage.chordsOf();
      const peer = stage.chordsOf(await stage.fixture.createPeer());
      await chords.setSize("chord", 2);
      await chords.addPart(samplePart(0));
      assert.equal((await chords.addPart(samplePart(0))).kind, "waiting");
      assert.equal((await peer.addPart(samplePart(0))).kind, "waiting");
      assert.equal((await peer.addPart(samplePart(1))).kind, "complete");
    },
    ["chords"],
  ),

  backendCase(
    "a task without a place that is redelivered counts once",
    async (stage) => {
      const chords = stage.chordsOf();
      await chords.setSize("chord", 3);
      const unplaced = samplePart(0, { groupIndex: null });
      await chords.addPart(samplePart(5, { groupIndex: null }));
      await chords.addPart(unplaced);
      assert.equal((await chords.addPart({ ...unplaced, result: "7" })).kind, "waiting");
      assert.equal(standingText(await chords.addPart(samplePart(1))), "t1=1 t0=0 t5=5");
    },
    ["chords"],
  ),

  backendCase(
    "the finisher is told again when it is redelivered, with the same results",
    async (stage) => {
      await completeChord(stage);
      const peer = stage.chordsOf(await stage.fixture.createPeer());
      for (const chords of [stage.chordsOf(), peer]) {
        assert.equal(standingText(await chords.addPart(samplePart(1))), "t0=0 t1=1");
        assert.equal(standingText(await chords.addPart(samplePart(1, { result: '"other"' }))), "t0=0 t1=1");
      }
    },
    ["chords"],
  ),

  backendCase(
    "once a task finishes the chord, the others are told that it is closed",
    async (stage) => {
      await completeChord(stage);
      const peer = stage.chordsOf(await stage.fixture.createPeer());
      assert.equal((await stage.chordsOf().addPart(samplePart(0))).kind, "closed");
      assert.equal((await peer.addPart(samplePart(0, { result: '"other"' }))).kind, "closed");
      assert.equal((await peer.addPart(samplePart(2))).kind, "closed");
      assert.equal(standingText(await peer.addPart(samplePart(1))), "t0=0 t1=1");
    },
    ["chords"],
  ),

  backendCase(
    "of fifty tasks that end at once in several workers one finishes the chord",
    async (stage) => {
      const peers = [stage.backend, await stage.fixture.createPeer(), await stage.fixture.createPeer()];
      const stores = peers.map((backend) => stage.chordsOf(backend));
      await stage.chordsOf().setSize("chord", 50);
      const twice = Array.from({ length: 100 }, (_, index) => samplePart(index % 50));
      const standings = await Promise.all(
        twice.map((part, index) => (stores[index % stores.length] ?? stage.chordsOf()).addPart(part)),
      );
      const finishers = new Set<string | undefined>();
      standings.forEach((standing, index) => {
        if (standing.kind !== "complete") return;
        finishers.add(twice[index]?.taskId);
        assert.deepEqual(
          standing.entries.map(({ result }) => Number(result)).sort((a, b) => a - b),
          Array.from({ length: 50 }, (_, place) => place),
        );
      });
      assert.equal(finishers.size, 1);
    },
    ["chords"],
  ),

  backendCase(
    "nobody finishes a chord that is closed",
    async (stage) => {
      await completeChord(stage);
      await stage.chordsOf().close("chord");
      const peer = stage.chordsOf(await stage.fixture.createPeer());
      for (const chords of [stage.chordsOf(), peer]) {
        for (const index of [0, 1, 2]) assert.equal((await chords.addPart(samplePart(index))).kind, "closed");
      }
    },
    ["chords"],
  ),

  backendCase(
    "a closed chord does not begin anew",
    async (stage) => {
      await completeChord(stage);
      const chords = stage.chordsOf();
      await chords.close("chord");
      await chords.setSize("chord", 2);
      await chords.extend("chord", "added");
      for (const index of [0, 1, 2, 3]) {
        assert.equal((await chords.addPart(samplePart(index, { size: 2 }))).kind, "closed");
      }
    },
    ["chords"],
  ),

  backendCase(
    "closing twice is safe, and a chord that nobody knows too",
    async (stage) => {
      await completeChord(stage);
      const chords = stage.chordsOf();
      for (const groupId of ["chord", "chord", "unknown"]) await chords.close(groupId);
      assert.equal((await chords.addPart(samplePart(1))).kind, "closed");
    },
    ["chords"],
  ),

  backendCase(
    "a failed header is finished once as well",
    async (stage) => {
      const chords = stage.chordsOf();
      await chords.setSize("chord", 2);
      const failure = samplePart(0, {
        status: "FAILURE",
        result: '{"exc_type":"E","exc_message":[],"exc_module":"m"}',
      });
      await chords.addPart(failure);
      assert.equal((await chords.addPart(samplePart(1))).kind, "complete");
      assert.equal((await chords.addPart(failure)).kind, "closed");
      assert.equal((await chords.addPart(samplePart(1))).kind, "complete");
      await chords.close("chord");
      await chords.close("chord");
      for (const part of [failure, samplePart(1)]) assert.equal((await chords.addPart(part)).kind, "closed");
    },
    ["chords"],
  ),

  backendCase(
    "what comes for a chord that is being finished does not change it",
    async (stage) => {
      await completeChord(stage);
      const chords = stage.chordsOf();
      await chords.setSize("chord", 9);
      await chords.extend("chord", "added");
      await chords.addPart(samplePart(5));
      assert.equal(standingText(await chords.addPart(samplePart(1))), "t0=0 t1=1");
    },
    ["chords"],
  ),
];
