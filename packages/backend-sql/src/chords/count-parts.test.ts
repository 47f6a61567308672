import type { ChordPart } from "@celeriac/core/ports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChordState, countParts, inOrder } from "./count-parts.js";

const EMPTY: ChordState = { size: undefined, members: 0, counted: 0, finisher: undefined, isClosed: false };

function part(taskId: string, size: number | null = null): ChordPart {
  return { groupId: "g", taskId, groupIndex: 0, status: "SUCCESS", result: "1", size };
}

/** Counts in batches, each as a transaction of its own. */
function inBatches(start: ChordState, batches: readonly (readonly ChordPart[])[]) {
  const recorded = new Set<string>();
  const outcomes: string[] = [];
  let state = start;
  for (const batch of batches) {
    const counted = countParts(
      state,
      batch,
      new Set(batch.map(({ taskId }) => taskId).filter((id) => recorded.has(id))),
    );
    state = counted.state;
    for (const { taskId } of counted.fresh) recorded.add(taskId);
    outcomes.push(...counted.outcomes);
  }
  return { state, outcomes, recorded };
}

describe("counting a chord", () => {
  it("comes to the same however the completions are batched", () => {
    const parts = fc.array(fc.record({ task: fc.integer({ min: 0, max: 8 }), cut: fc.boolean() }), { maxLength: 30 });
    const sizes = fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined });
    fc.assert(
      fc.property(parts, sizes, fc.integer({ min: 0, max: 2 }), (list, size, members) => {
        const start = { ...EMPTY, size, members };
        const single = inBatches(
          start,
          list.map(({ task }) => [part(`t${task}`, 4)]),
        );
        const batches: ChordPart[][] = [[]];
        for (const { task, cut } of list) {
          if (cut) batches.push([]);
          batches.at(-1)?.push(part(`t${task}`, 4));
        }
        expect(inBatches(start, batches)).toEqual(single);
      }),
    );
  });

  it("has one finisher, who is told again, and counts each task once", () => {
    const parts = ["a", "a", "b", "a", "b", "c"].map((id) => part(id));
    const { outcomes, state } = inBatches({ ...EMPTY, size: 2 }, [parts]);
    expect(outcomes).toEqual(["waiting", "waiting", "complete", "closed", "complete", "closed"]);
    expect(state).toMatchObject({ counted: 2, finisher: "b" });
  });

  it("a closed chord counts nothing", () => {
    const { outcomes, state } = inBatches({ ...EMPTY, size: 1, isClosed: true }, [[part("a")]]);
    expect(outcomes).toEqual(["closed"]);
    expect(state.counted).toBe(0);
  });

  it("keeps the header's order, those without a place last", () => {
    const at = (taskId: string, position: number | undefined) => ({ taskId, position, status: "SUCCESS", result: "1" });
    const sorted = [at("d", undefined), at("b", 2), at("a", undefined), at("c", 0), at("a", 2)].sort(inOrder);
    expect(sorted.map(({ taskId }) => taskId).join("")).toBe("cabad");
  });
});
