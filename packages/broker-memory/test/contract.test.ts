import { brokerContract } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { MemoryStore, memoryBroker } from "../src/index.js";
import { createMemoryFixture } from "./memory-fixture.js";

describe("the broker contract", () => {
  for (const contractCase of brokerContract(createMemoryFixture, { quietMs: 10 })) {
    it(contractCase.name, async ({ skip }) => {
      const outcome = await contractCase.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});

describe("isolation", () => {
  it("brokers share nothing unless they share a store", async ({ expect }) => {
    const store = new MemoryStore();
    const [one, two, alone] = [memoryBroker({ store }), memoryBroker({ store }), memoryBroker()];
    const message = { body: new Uint8Array(), contentType: "", contentEncoding: "utf-8", headers: {}, properties: {} };
    await one.publish(message, { exchange: "", routingKey: "celery" });
    expect(await two.queues.length("celery")).toBe(1);
    expect(await alone.queues.length("celery")).toBe(0);
  });
});
