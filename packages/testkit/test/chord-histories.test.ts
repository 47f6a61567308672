import type { ChordStore } from "@celeriac/core/ports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BrokenBackend, brokenBackends } from "../src/broken/index.js";
import { chordHistory, runHistory } from "./chord-model.js";
import { wrappedBackendFixture } from "./memory-fixtures.js";

/** Histories on three memory backends that share a store. */
async function check(wrap: BrokenBackend["wrap"]): Promise<void> {
  const property = fc.asyncProperty(chordHistory, async (history) => {
    const notes = new Set<string>();
    const fixture = wrappedBackendFixture((backend) => wrap(backend, notes));
    const backends = [fixture.backend, await fixture.createPeer(), await fixture.createPeer()];
    const stores = backends.flatMap(({ chords }): readonly ChordStore[] => (chords === undefined ? [] : [chords]));
    try {
      await runHistory(history, stores, "chord");
    } finally {
      await fixture.cleanup();
    }
  });
  await fc.assert(property, { numRuns: 500, endOnFailure: true });
}

describe("random histories of a chord", () => {
  it("are borne by the memory backend", () => check((backend) => backend));

  it.each([
    "lets everybody wait",
    "extends nothing",
    "counts every extension",
    "tells the results backwards",
    "lets the last result win",
    "counts deliveries instead of tasks",
    "counts in one step and claims in another",
    "closes nothing",
    "forgets that a chord was closed",
    "adds what comes too late",
  ])("show a backend that %s", async (name) => {
    const broken = brokenBackends.find(({ fault }) => fault === name);
    expect(broken).toBeDefined();
    await expect(check((backend, notes) => broken?.wrap(backend, notes) ?? backend)).rejects.toThrow();
  });
});
