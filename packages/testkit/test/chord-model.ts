/**
 * Random histories of a chord: completions in any order and at once, repeated with other results, a header that grows, and
 * finishers that die before they close. What a store may answer is said by the checks here, not by another store.
 * @module
 */
import assert from "node:assert/strict";
import type { ChordEntry, ChordPart, ChordStore } from "@celeriac/core/ports";
import fc from "fast-check";

interface Member {
  readonly taskId: string;
  readonly groupIndex: number;
  /** The header task that adds this one; `undefined` for those that were there from the start. */
  readonly addedBy: number | undefined;
}

interface ChordHistory {
  readonly members: readonly Member[];
  /** Numbers of members; what is in one round comes at once. Every member comes at least once. */
  readonly rounds: readonly (readonly number[])[];
  /** How often the finisher dies between the body and `close`. */
  readonly crashes: number;
}

/** Some 1 to 6 tasks, up to 3 more that they add, each delivered up to 3 times. */
export const chordHistory: fc.Arbitrary<ChordHistory> = fc
  .record({
    headerSize: fc.integer({ min: 1, max: 6 }),
    adders: fc.array(fc.nat(5), { maxLength: 3 }),
    repeats: fc.array(fc.nat(8), { maxLength: 12 }),
    order: fc.array(fc.nat(), { minLength: 21, maxLength: 21 }),
    breaks: fc.array(fc.boolean(), { minLength: 21, maxLength: 21 }),
    crashes: fc.nat(2),
  })
  .map(({ headerSize, adders, repeats, order, breaks, crashes }) => {
    const header = Array.from({ length: headerSize }, (_, index) => memberOf(index, undefined));
    const added = adders.map((adder, index) => memberOf(headerSize + index, adder % headerSize));
    const members = [...header, ...added];
    const deliveries = [...members.keys(), ...repeats.map((repeat) => repeat % members.length)];
    const shuffled = deliveries
      .map((member, place) => ({ member, key: order[place] ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ member }) => member);
    return { members, rounds: roundsOf(shuffled, members, breaks), crashes };
  });

function memberOf(index: number, addedBy: number | undefined): Member {
  return { taskId: `task ${index}`, groupIndex: addedBy ?? index, addedBy };
}

/** Cuts at the breaks. A member that is added cannot end before the one that adds it: it comes in a round of its own then. */
function roundsOf(
  deliveries: readonly number[],
  members: readonly Member[],
  breaks: readonly boolean[],
): readonly (readonly number[])[] {
  const rounds: number[][] = [[]];
  const early: number[] = [];
  const begun = new Set<number>();
  deliveries.forEach((delivery, place) => {
    const adder = members[delivery]?.addedBy;
    if (adder !== undefined && !begun.has(adder)) {
      early.push(delivery);
      return;
    }
    rounds.at(-1)?.push(delivery);
    if (breaks[place] !== true) return;
    for (const member of rounds.at(-1) ?? []) begun.add(member);
    rounds.push([]);
  });
  return [...rounds, ...early.map((delivery) => [delivery])].filter((round) => round.length > 0);
}

/**
 * What the stores, which are peers, may not answer is an `AssertionError`.
 * @param isOrdered - Whether results must be in the header's order.
 */
export async function runHistory(
  history: ChordHistory,
  stores: readonly ChordStore[],
  groupId: string,
  isOrdered = true,
): Promise<void> {
  const run = new HistoryRun(history, stores, groupId, isOrdered);
  await run.start();
  for (const round of history.rounds) await run.playRound(round);
  await run.end();
}

class HistoryRun {
  readonly #history: ChordHistory;
  readonly #stores: readonly ChordStore[];
  readonly #groupId: string;
  readonly #isOrdered: boolean;
  /** Results that a member may have been recorded with: those of the first round in which it came. */
  readonly #first = new Map<number, Set<number>>();
  #deliveries = 0;
  #crashes: number;
  #finisher: number | undefined;
  #told: string | undefined;
  #isClosed = false;

  constructor(history: ChordHistory, stores: readonly ChordStore[], groupId: string, isOrdered: boolean) {
    this.#history = history;
    this.#stores = stores;
    this.#groupId = groupId;
    this.#isOrdered = isOrdered;
    this.#crashes = history.crashes;
  }

  async start(): Promise<void> {
    const size = this.#history.members.filter(({ addedBy }) => addedBy === undefined).length;
    await this.#store().setSize(this.#groupId, size);
  }

  async playRound(round: readonly number[]): Promise<void> {
    const came = new Map<number, Set<number>>();
    const deliveries = round.map((member) => {
      this.#deliveries += 1;
      const result = this.#deliveries;
      came.set(member, (came.get(member) ?? new Set()).add(result));
      return { member, result, store: this.#store() };
    });
    for (const [member, results] of came) if (!this.#first.has(member)) this.#first.set(member, results);
    await Promise.all(deliveries.map(({ member, result, store }) => this.#deliver(member, result, store)));
  }

  /** Who died before closing is delivered again until it closes. */
  async end(): Promise<void> {
    assert.ok(this.#finisher !== undefined, "all have come and nobody was told to finish");
    while (!this.#isClosed) await this.playRound([this.#finisher]);
    const everybody = this.#history.members.keys();
    await this.playRound([...everybody]);
  }

  async #deliver(index: number, result: number, store: ChordStore): Promise<void> {
    const { members } = this.#history;
    for (const member of members) {
      if (member.addedBy === index) await store.extend(this.#groupId, member.taskId);
    }
    const wasClosed = this.#isClosed;
    const standing = await store.addPart(this.#partOf(index, result));
    if (wasClosed) assert.equal(standing.kind, "closed", "after the close");
    if (standing.kind !== "complete") return;
    this.#check(index, standing.entries);
    if (this.#crashes > 0) {
      this.#crashes -= 1;
      return;
    }
    await store.close(this.#groupId);
    this.#isClosed = true;
  }

  #check(index: number, entries: readonly ChordEntry[]): void {
    const { members } = this.#history;
    this.#finisher ??= index;
    assert.equal(index, this.#finisher, "two tasks finish the chord");
    const wanted = members.map(({ taskId }) => taskId).sort();
    assert.deepEqual(entries.map(({ taskId }) => taskId).sort(), wanted, "one entry per task");
    const places = entries.map(({ taskId }) => members.find((member) => member.taskId === taskId)?.groupIndex ?? -1);
    const sorted = [...places].sort((a, b) => a - b);
    if (this.#isOrdered) assert.deepEqual(places, sorted, "the header's order");
    for (const { taskId, result } of entries) {
      const first = this.#first.get(members.findIndex((member) => member.taskId === taskId));
      assert.ok(first?.has(Number(result)) === true, `${taskId} has a later result`);
    }
    const text = JSON.stringify(entries);
    this.#told ??= text;
    assert.equal(text, this.#told, "the finisher is told the same again");
  }

  #partOf(index: number, result: number): ChordPart {
    const { taskId = "", groupIndex = 0 } = this.#history.members[index] ?? {};
    return { groupId: this.#groupId, taskId, groupIndex, status: "SUCCESS", result: String(result), size: null };
  }

  #store(): ChordStore {
    const store = this.#stores[this.#deliveries % this.#stores.length];
    assert.ok(store);
    return store;
  }
}
