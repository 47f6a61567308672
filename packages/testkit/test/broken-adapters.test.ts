import { describe, expect, it } from "vitest";
import { backendFaults, brokenBackends, brokenBrokers, brokerFaults } from "../src/broken/index.js";
import { backendContract, brokerContract, type ContractCase } from "../src/index.js";
import { wrappedBackendFixture, wrappedBrokerFixture } from "./memory-fixtures.js";

const QUICK = { settleMs: 150, quietMs: 10, redeliveryMs: 150, fixtureMs: 1_000 };

const createBroker = () => wrappedBrokerFixture((broker) => broker);
const createBackend = () => wrappedBackendFixture((backend) => backend);

/** A store inside this process always answers. */
const endOf = ({ needs }: ContractCase): string => (needs.includes("stall") ? "skipped" : "passed");

interface Role {
  readonly role: string;
  readonly faults: readonly ContractCase[];
  readonly cases: readonly ContractCase[];
  readonly broken: readonly { readonly noticedBy: string }[];
}

const ROLES: readonly Role[] = [
  {
    role: "broker",
    faults: brokerFaults(createBroker, QUICK),
    cases: brokerContract(createBroker, QUICK),
    broken: brokenBrokers,
  },
  {
    role: "backend",
    faults: backendFaults(createBackend, QUICK),
    cases: backendContract(createBackend, QUICK),
    broken: brokenBackends,
  },
];

describe.each(ROLES)("the contract of a $role", ({ faults, cases, broken }) => {
  for (const fault of faults) {
    it.concurrent(fault.name, async ({ expect }) => {
      await expect(fault.run()).resolves.toMatchObject({ status: endOf(fault) });
    });
  }

  for (const one of cases) {
    it.concurrent(`is met by the memory adapter: ${one.name}`, async ({ expect }) => {
      await expect(one.run()).resolves.toMatchObject({ status: endOf(one) });
    });
  }

  it("has a broken adapter for every case", () => {
    const noticed = new Set(broken.map(({ noticedBy }) => noticedBy));
    expect(cases.map(({ name }) => name).filter((name) => !noticed.has(name))).toEqual([]);
  });
});
