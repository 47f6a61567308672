import type { Broker } from "@celeriac/core/ports";
import { describe, expect, it } from "vitest";
import { brokerContract } from "../src/index.js";
import { wrappedBrokerFixture } from "./memory-fixtures.js";

/** The five members every broker has. */
function withoutAbilities(broker: Broker): Broker {
  return {
    description: broker.description,
    queues: broker.queues,
    deadLetters: broker.deadLetters,
    publish: (...call) => broker.publish(...call),
    publishMany: (...call) => broker.publishMany(...call),
    consume: (...call) => broker.consume(...call),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

describe("skipping", () => {
  it("says which ability is absent", async () => {
    const cases = brokerContract(() => wrappedBrokerFixture(withoutAbilities));
    const parking = cases.find((contractCase) => contractCase.needs.includes("parking"));
    expect(await parking?.run()).toEqual({ status: "skipped", reason: "the adapter has no parking" });
  });

  it("gives the written reason of a case that is excused", async () => {
    const name = "delivers messages in the order they were published";
    const skip = [{ case: name, reason: "this store keeps no order" }];
    const cases = brokerContract(() => wrappedBrokerFixture((broker) => broker), { skip });
    const excused = cases.find((contractCase) => contractCase.name === name);
    expect(await excused?.run()).toEqual({ status: "skipped", reason: "this store keeps no order" });
  });

  it("refuses to excuse a case that does not exist", () => {
    const skip = [{ case: "no such case", reason: "none" }];
    expect(() => brokerContract(() => wrappedBrokerFixture((broker) => broker), { skip })).toThrow(/no such case/);
  });

  it("refuses to excuse a case without a reason, or twice", () => {
    const skip = [{ case: "delivers messages in the order they were published", reason: " " }];
    expect(() => brokerContract(() => wrappedBrokerFixture((broker) => broker), { skip })).toThrow(/no reason/);
    const twice = [...skip, ...skip].map((excuse) => ({ ...excuse, reason: "none" }));
    expect(() => brokerContract(() => wrappedBrokerFixture((broker) => broker), { skip: twice })).toThrow(/twice/);
  });

  it("names every case once", () => {
    const names = brokerContract(() => wrappedBrokerFixture((broker) => broker)).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
