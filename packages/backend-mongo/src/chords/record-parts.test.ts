import type { ChordPart, ChordStanding } from "@celeriac/core/ports";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChordState, RecordedPart } from "./chord-documents.js";
import { type ChordLedger, recordParts } from "./record-parts.js";

const OPEN: ChordState = { size: undefined, members: 0, arrived: 0, finisher: undefined, isClosed: false };

/** One chord in memory. Every step is scheduled, and then done at once, as MongoDB does each of them. */
class FakeLedger implements ChordLedger {
  chord: ChordState = OPEN;
  readonly kept = new Map<string, RecordedPart>();
  readonly #step: () => Promise<unknown>;

  constructor(step: () => Promise<unknown>) {
    this.#step = step;
  }

  async state(): Promise<ChordState> {
    await this.#step();
    return this.chord;
  }

  async addParts(_groupId: string, parts: readonly ChordPart[]): Promise<void> {
    await this.#step();
    for (const { taskId, groupIndex, status, result } of parts) {
      if (!this.kept.has(taskId)) this.kept.set(taskId, { taskId, position: groupIndex ?? undefined, status, result });
    }
  }

  async arrive(_groupId: string, count: number): Promise<ChordState> {
    await this.#step();
    this.chord = { ...this.chord, arrived: this.chord.arrived + count };
    return this.chord;
  }

  async countParts(): Promise<number> {
    await this.#step();
    return this.kept.size;
  }

  async choose(_groupId: string, taskId: string): Promise<ChordState> {
    await this.#step();
    if (this.chord.finisher === undefined) this.chord = { ...this.chord, finisher: taskId };
    return this.chord;
  }

  async parts(): Promise<readonly RecordedPart[]> {
    await this.#step();
    return [...this.kept.values()];
  }

  async removeParts(): Promise<void> {
    await this.#step();
    this.kept.clear();
  }
}

function partOf(index: number, size: number | null = null): ChordPart {
  return { groupId: "g", taskId: `t${index}`, groupIndex: index, status: "SUCCESS", result: String(index), size };
}

describe("recording the completions of a chord", () => {
  it("has one finisher with all results, in any order of steps, wherever workers die", async () => {
    // Mostly nobody dies and nothing comes twice: a second delivery makes up for much.
    const seldom = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
      fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });
    const six = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { minLength: 6, maxLength: 6 });
    const chord = fc.record({
      size: fc.integer({ min: 1, max: 6 }),
      // Before which of its steps a delivery's worker dies, delivery by delivery; then one lives.
      deaths: six(seldom<number[]>([], fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }))),
      twice: six(seldom(false, fc.constant(true))),
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), chord, async (scheduler, { size, deaths, twice }) => {
        const shared = new FakeLedger(async () => undefined);
        shared.chord = { ...OPEN, size };
        const told: ChordStanding[] = [];
        const finishers = new Set<string>();

        const deliver = async (index: number, stepsToLive: number): Promise<void> => {
          let steps = 0;
          const before = async (): Promise<void> => {
            steps += 1;
            if (steps >= stepsToLive) throw new Error("killed");
            await scheduler.schedule(Promise.resolve());
          };
          const ledger = around(shared, before);
          const [standing] = await recordParts(ledger, "g", [partOf(index)]);
          if (standing === undefined) throw new Error("no standing");
          told.push(standing);
          if (standing.kind === "complete") finishers.add(`t${index}`);
        };
        const run = async (index: number): Promise<void> => {
          for (const stepsToLive of deaths[index] ?? []) await deliver(index, stepsToLive).catch(() => undefined);
          await deliver(index, Number.POSITIVE_INFINITY);
          if (twice[index] === true) await deliver(index, Number.POSITIVE_INFINITY);
        };
        const all = Promise.all(Array.from({ length: size }, (_, index) => run(index)));
        await scheduler.waitFor(all);

        expect(finishers.size).toBe(1);
        for (const standing of told) {
          if (standing.kind !== "complete") continue;
          expect(standing.entries.map(({ result }) => result)).toEqual(Array.from({ length: size }, (_, i) => i));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("counts the documents only when enough have arrived", async () => {
    let counts = 0;
    const ledger = new FakeLedger(async () => undefined);
    ledger.chord = { ...OPEN, size: 50 };
    const counting: ChordLedger = around(ledger, async (name) => {
      if (name === "countParts") counts += 1;
    });
    for (let index = 0; index < 50; index += 1) await recordParts(counting, "g", [partOf(index)]);
    expect(counts).toBe(1);
  });

  it("takes away what was recorded for a chord that was closed meanwhile", async () => {
    const ledger = new FakeLedger(async () => undefined);
    const closing = around(ledger, async (name) => {
      if (name === "arrive") ledger.chord = { ...ledger.chord, isClosed: true };
    });
    expect(await recordParts(closing, "g", [partOf(0)])).toEqual([{ kind: "closed" }]);
    expect(ledger.kept.size).toBe(0);
  });
});

/** The same ledger, with something before each of its steps. */
function around(ledger: ChordLedger, before: (name: string) => Promise<void>): ChordLedger {
  return {
    state: async (groupId) => before("state").then(() => ledger.state(groupId)),
    addParts: async (groupId, parts) => before("addParts").then(() => ledger.addParts(groupId, parts)),
    arrive: async (groupId, count) => before("arrive").then(() => ledger.arrive(groupId, count)),
    countParts: async (groupId) => before("countParts").then(() => ledger.countParts(groupId)),
    choose: async (groupId, taskId) => before("choose").then(() => ledger.choose(groupId, taskId)),
    parts: async (groupId) => before("parts").then(() => ledger.parts(groupId)),
    removeParts: async (groupId) => before("removeParts").then(() => ledger.removeParts(groupId)),
  };
}
