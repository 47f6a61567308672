import { createDeferred } from "@celeriac/core/lifecycle";
import { describe, expect, it } from "vitest";
import { type BrokerFixture, brokerContract, type ContractCase } from "../src/index.js";
import { wrappedBrokerFixture } from "./memory-fixtures.js";

const NAME = "publishMany of nothing resolves with nothing";
const LIMITS = { settleMs: 20, quietMs: 1, redeliveryMs: 20, fixtureMs: 30 };

function caseOf(create: () => BrokerFixture | Promise<BrokerFixture>): ContractCase {
  const found = brokerContract(create, LIMITS).find(({ name }) => name === NAME);
  if (found === undefined) throw new Error(`There is no case "${NAME}".`);
  return found;
}

const sound = (): BrokerFixture => wrappedBrokerFixture((broker) => broker);
const never = new Promise<never>(() => undefined);

describe("a fixture", () => {
  it("that does not open fails its case in time, and is cleaned up when it opens after all", async () => {
    const cleaned = createDeferred<void>();
    const opened = createDeferred<BrokerFixture>();
    await expect(caseOf(() => opened.promise).run()).rejects.toThrow("the fixture was not opened within 30 ms");
    opened.resolve({ ...sound(), cleanup: async () => cleaned.resolve() });
    await cleaned.promise;
  });

  it("that does not end fails its case in time", async () => {
    const endless = caseOf(() => ({ ...sound(), cleanup: () => never }));
    await expect(endless.run()).rejects.toThrow("the fixture was not cleaned up within 30 ms");
  });

  it("that cannot be cleaned up does not hide why the case failed", async () => {
    const fixture = (): BrokerFixture => {
      const broken = wrappedBrokerFixture((broker) => ({ ...broker, publishMany: () => never }));
      return { ...broken, cleanup: () => Promise.reject(new Error("cleanup")) };
    };
    await expect(caseOf(fixture).run()).rejects.toThrow("nothing was decided within 84 ms");
  });

  it("leaves the runner a limit that no case exceeds", () => {
    expect(caseOf(sound).timeoutMs).toBe(3 * 20 + 20 + 4 * 1 + 2 * 30);
  });
});
