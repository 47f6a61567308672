import { describe, expect, it } from "vitest";
import { FaultGate } from "../src/system/fault-gate.js";

/** The numbers that have come through once everything that can has settled. */
async function passed(gate: FaultGate, items: number, note: readonly number[]): Promise<readonly number[]> {
  const through: number[] = [];
  for (let number = 0; number < items; number++) void gate.pass(number).then(() => through.push(number));
  for (const struck of note) gate.note(struck);
  await new Promise(setImmediate);
  return through;
}

describe("FaultGate", () => {
  it("holds all but the first part until a fault has struck", async () => {
    expect(await passed(new FaultGate({ items: 6, faults: 2 }), 6, [])).toEqual([0, 1]);
  });

  it("lets one part more through for each fault", async () => {
    expect(await passed(new FaultGate({ items: 6, faults: 2 }), 6, [1])).toEqual([0, 1, 2, 3]);
    expect(await passed(new FaultGate({ items: 6, faults: 2 }), 6, [1, 2])).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("keeps something for after the last fault", async () => {
    const gate = new FaultGate({ items: 25, faults: 5 });
    expect(await passed(gate, 25, [4])).not.toContain(24);
  });

  it("holds nothing when no fault is wanted", async () => {
    expect(await passed(new FaultGate({ items: 3, faults: 0 }), 3, [])).toEqual([0, 1, 2]);
  });
});
