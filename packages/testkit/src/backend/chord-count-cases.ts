import assert from "node:assert/strict";
import { type BackendCase, type BackendStage, backendCase } from "./backend-stage.js";
import { samplePart, standingText } from "./sample-chord-part.js";

/** A case for stores that join chords. */
function chordCase(name: string, check: (stage: BackendStage) => Promise<void>): BackendCase {
  return backendCase(name, check, ["chords"]);
}

/** How many completions a chord waits for. */
export const chordCountCases: readonly BackendCase[] = [
  chordCase("the last task of a chord finishes it, the others wait", async (stage) => {
    const chords = stage.chordsOf();
    await chords.setSize("chord", 3);
    for (const index of [0, 1]) assert.equal((await chords.addPart(samplePart(index))).kind, "waiting");
    assert.equal(standingText(await chords.addPart(samplePart(2))), "t0=0 t1=1 t2=2");
  }),

  chordCase("a chord of one task is finished by it", async (stage) => {
    const chords = stage.chordsOf();
    await chords.setSize("chord", 1);
    assert.equal(standingText(await chords.addPart(samplePart(0))), "t0=0");
  }),

  chordCase("the same size again changes nothing", async (stage) => {
    const chords = stage.chordsOf();
    await chords.setSize("chord", 2);
    await chords.addPart(samplePart(0));
    await chords.setSize("chord", 2);
    assert.equal(standingText(await chords.addPart(samplePart(1))), "t0=0 t1=1");
    await chords.setSize("chord", 2);
    assert.equal(standingText(await chords.addPart(samplePart(1))), "t0=0 t1=1");
    assert.equal((await chords.addPart(samplePart(0))).kind, "closed");
  }),

  chordCase("a size that is set late still counts what came before", async (stage) => {
    const chords = stage.chordsOf();
    await chords.addPart(samplePart(0));
    await chords.setSize("chord", 2);
    assert.equal(standingText(await chords.addPart(samplePart(1))), "t0=0 t1=1");
  }),

  chordCase("a chord of unknown size waits", async (stage) => {
    const chords = stage.chordsOf();
    for (const index of [0, 1, 2]) assert.equal((await chords.addPart(samplePart(index))).kind, "waiting");
  }),

  chordCase("the size that a task brings counts when the store has none", async (stage) => {
    const chords = stage.chordsOf();
    assert.equal((await chords.addPart(samplePart(0, { size: 2 }))).kind, "waiting");
    assert.equal(standingText(await chords.addPart(samplePart(1, { size: 2 }))), "t0=0 t1=1");
  }),

  chordCase("the store's size counts when a task brings another", async (stage) => {
    const chords = stage.chordsOf();
    await chords.setSize("chord", 2);
    assert.equal((await chords.addPart(samplePart(0, { size: 1 }))).kind, "waiting");
    assert.equal((await chords.addPart(samplePart(1, { size: 9 }))).kind, "complete");
  }),

  backendCase(
    "a size that was lost is taken from the tasks",
    async (stage) => {
      const chords = stage.chordsOf();
      await chords.setSize("chord", 3);
      await chords.addPart(samplePart(0, { size: 3 }));
      await stage.loseChordSize("chord");
      assert.equal((await chords.addPart(samplePart(1, { size: 3 }))).kind, "waiting");
      assert.equal(standingText(await chords.addPart(samplePart(2, { size: 3 }))), "t0=0 t1=1 t2=2");
    },
    ["chords", "loseChordSize"],
  ),

  chordCase("an extended chord waits for the additional member too", async (stage) => {
    const chords = stage.chordsOf();
    await chords.setSize("chord", 2);
    await chords.extend("chord", "added");
    await chords.addPart(samplePart(0));
    assert.equal((await chords.addPart(samplePart(1))).kind, "waiting");
    const added = samplePart(0, { taskId: "added", result: '"more"' });
    const standing = await chords.addPart(added);
    assert.ok(standing.kind === "complete");
    assert.deepEqual(standing.entries.map(({ taskId }) => taskId).sort(), ["added", "t0", "t1"]);
    assert.equal(standing.entries[2]?.taskId, "t1", "it shares the place of the task that added it");
  }),

  chordCase("extending a chord by the same member counts it once", async (stage) => {
    const chords = stage.chordsOf();
    const peer = stage.chordsOf(await stage.fixture.createPeer());
    await chords.setSize("chord", 1);
    await Promise.all([chords.extend("chord", "added"), peer.extend("chord", "added")]);
    await chords.extend("chord", "added");
    assert.equal((await chords.addPart(samplePart(0))).kind, "waiting");
    assert.equal((await chords.addPart(samplePart(1, { taskId: "added" }))).kind, "complete");
  }),

  chordCase("extending a chord by two members counts both", async (stage) => {
    const chords = stage.chordsOf();
    await chords.setSize("chord", 1);
    await chords.extend("chord", "a");
    await chords.extend("chord", "b");
    await chords.addPart(samplePart(0));
    assert.equal((await chords.addPart(samplePart(1, { taskId: "a" }))).kind, "waiting");
    assert.equal((await chords.addPart(samplePart(2, { taskId: "b" }))).kind, "complete");
  }),

  chordCase("chords are counted apart", async (stage) => {
    const chords = stage.chordsOf();
    const ids = ["chord", "chord.j", "chord 2", "CHORD", "a/b", "naïve ☃ 😀", "__proto__"];
    for (const id of ids) await chords.setSize(id, 2);
    for (const [index, kind] of ["waiting", "complete"].entries()) {
      for (const groupId of ids) {
        const part = samplePart(index, { groupId, taskId: `${groupId} ${index}` });
        assert.equal((await chords.addPart(part)).kind, kind, groupId);
      }
    }
  }),
];
