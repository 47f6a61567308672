import { systemClock } from "@celeriac/core/lifecycle";
import type { Broker } from "@celeriac/core/ports";
import { describe, expect, it } from "vitest";
import { brokerFaults } from "../src/broken/index.js";
import type { BrokerFixture, ContractCase, CreateBrokerFixture } from "../src/index.js";
import { wrappedBrokerFixture } from "./memory-fixtures.js";

const QUICK = { settleMs: 50, quietMs: 1, redeliveryMs: 50, fixtureMs: 200 };
const NOTICED_BY = "reject without requeue drops the message";
const NAME = `a broker that keeps rejected messages is noticed: ${NOTICED_BY}`;

function faultOf(create: CreateBrokerFixture): ContractCase {
  const found = brokerFaults(create, QUICK).find(({ name }) => name === NAME);
  if (found === undefined) throw new Error(`There is no case "${NAME}".`);
  return found;
}

const sound = (): BrokerFixture => wrappedBrokerFixture((broker) => broker);
/** Sound at first, then another one. */
function onceSound(later: CreateBrokerFixture): CreateBrokerFixture {
  let opened = 0;
  return () => {
    opened += 1;
    return opened === 1 ? sound() : later();
  };
}

/** Deliveries come so much later, as on a machine that is busy. */
function delayed(broker: Broker, delayMs: number): Broker {
  return {
    ...broker,
    queues: broker.queues,
    deadLetters: broker.deadLetters,
    publish: (...call) => broker.publish(...call),
    consume: async (...call) => {
      const consumer = await broker.consume(...call);
      return {
        setPrefetch: (count) => consumer.setPrefetch(count),
        async *[Symbol.asyncIterator]() {
          for await (const batch of consumer) {
            await systemClock.sleep(delayMs);
            yield batch;
          }
        },
        [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

describe("a fault", () => {
  it("is noticed by a case that passes without it", async () => {
    expect(await faultOf(sound).run()).toEqual({ status: "passed" });
  });

  it("is not noticed by a case that fails without it, as when the server is away", async () => {
    const away = (): BrokerFixture =>
      wrappedBrokerFixture((broker) => ({ ...broker, publish: () => Promise.reject(new Error("away")) }));
    await expect(faultOf(away).run()).rejects.toThrow("away");
  });

  it("is not noticed by a fixture that does not open", async () => {
    await expect(faultOf(() => Promise.reject(new Error("no server"))).run()).rejects.toThrow("no server");
    const later = faultOf(onceSound(() => Promise.reject(new Error("no server"))));
    await expect(later.run()).rejects.toThrow("its fixture was not opened");
    const never = new Promise<never>(() => undefined);
    await expect(faultOf(onceSound(() => never)).run()).rejects.toThrow("its fixture was not opened");
  });

  it("is not noticed by a fixture that cannot be cleaned up", async () => {
    const stuck = (): BrokerFixture => ({ ...sound(), cleanup: () => Promise.reject(new Error("stuck")) });
    await expect(faultOf(onceSound(stuck)).run()).rejects.toThrow("its fixture was not cleaned up");
  });

  it("gets another chance when what should not come comes late", async () => {
    const slow = (): BrokerFixture => wrappedBrokerFixture((broker) => delayed(broker, 6 * QUICK.quietMs));
    expect(await faultOf(slow).run()).toEqual({ status: "passed" });
  });
});
