import assert from "node:assert/strict";
import type { ResultTuple } from "@celeriac/core/ports";
import { type BackendCase, backendCase } from "./backend-stage.js";
import { sampleRecord } from "./sample-record.js";

const GROUP: ResultTuple = [
  ["group 1", [["parent", null], null]],
  [
    [["a", null], null],
    [["b", null], null],
    [["inner", null], [[["c", null], null]]],
  ],
];

/** Saved groups. */
export const groupCases: readonly BackendCase[] = [
  backendCase("a group that was not saved is undefined", async (stage) => {
    assert.equal(await stage.backend.groups.restore("unknown"), undefined);
  }),

  backendCase("a saved group is restored, from another backend too", async (stage) => {
    await stage.backend.groups.save("group 1", GROUP);
    assert.deepEqual(await stage.backend.groups.restore("group 1"), GROUP);
    const peer = await stage.fixture.createPeer();
    assert.deepEqual(await peer.groups.restore("group 1"), GROUP);
  }),

  backendCase("saving a group again replaces it", async (stage) => {
    await stage.backend.groups.save("group 1", GROUP);
    const smaller: ResultTuple = [["group 1", null], []];
    await stage.backend.groups.save("group 1", smaller);
    assert.deepEqual(await stage.backend.groups.restore("group 1"), smaller);
  }),

  backendCase("a deleted group is gone, and deleting it again no error", async (stage) => {
    await stage.backend.groups.save("group 1", GROUP);
    await stage.backend.groups.delete("group 1");
    await stage.backend.groups.delete("group 1");
    assert.equal(await stage.backend.groups.restore("group 1"), undefined);
  }),

  backendCase("a group and a task of the same id do not touch each other", async (stage) => {
    await stage.backend.groups.save("same", GROUP);
    await stage.backend.store(sampleRecord("same"));
    assert.deepEqual(await stage.backend.groups.restore("same"), GROUP);
    await stage.backend.forget("same");
    assert.deepEqual(await stage.backend.groups.restore("same"), GROUP);
  }),
];
