import { describe, expect, it } from "vitest";
import { backendContract, brokerContract, type ContractCase } from "../src/index.js";
import { brokenBackends } from "./broken-backends.js";
import { brokenBrokers } from "./broken-brokers.js";
import { brokenChords } from "./broken-chords.js";
import { brokenOnce } from "./broken-once.js";
import { wrappedBackendFixture, wrappedBrokerFixture } from "./memory-fixtures.js";

const QUICK = { settleMs: 150, quietMs: 10, redeliveryMs: 150 };

function find(cases: readonly ContractCase[], name: string): ContractCase {
  const found = cases.find((contractCase) => contractCase.name === name);
  if (found === undefined) throw new Error(`There is no case "${name}".`);
  return found;
}

describe("a broken broker is noticed when it", () => {
  for (const { fault, noticedBy, wrap } of [...brokenBrokers, ...brokenOnce]) {
    it(`${fault}: "${noticedBy}"`, async () => {
      const broken = brokerContract(() => wrappedBrokerFixture(wrap), QUICK);
      await expect(find(broken, noticedBy).run()).rejects.toThrow();
      const sound = brokerContract(() => wrappedBrokerFixture((broker) => broker), QUICK);
      await expect(find(sound, noticedBy).run()).resolves.toEqual({ status: "passed" });
    });
  }
});

describe("a broken backend is noticed when it", () => {
  for (const { fault, noticedBy, wrap } of [...brokenBackends, ...brokenChords]) {
    it(`${fault}: "${noticedBy}"`, async () => {
      const broken = backendContract(() => wrappedBackendFixture(wrap), QUICK);
      await expect(find(broken, noticedBy).run()).rejects.toThrow();
      const sound = backendContract(() => wrappedBackendFixture((backend) => backend), QUICK);
      await expect(find(sound, noticedBy).run()).resolves.toEqual({ status: "passed" });
    });
  }
});

describe("each case has a broken adapter that it notices, but for those that need a store that stalls:", () => {
  const namesOf = (cases: readonly ContractCase[], ability: string): readonly string[] =>
    cases.flatMap(({ name, needs }) => (needs.includes(ability) && !needs.includes("stall") ? [name] : [])).sort();

  it("chords", () => {
    const cases = backendContract(() => wrappedBackendFixture((backend) => backend));
    expect(brokenChords.map(({ noticedBy }) => noticedBy).sort()).toEqual(namesOf(cases, "chords"));
  });

  it("publishing once", () => {
    const cases = brokerContract(() => wrappedBrokerFixture((broker) => broker));
    expect(brokenOnce.map(({ noticedBy }) => noticedBy).sort()).toEqual(namesOf(cases, "once"));
  });
});
