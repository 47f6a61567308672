import { describe, expect, it } from "vitest";
import { memoryBroker } from "../../broker-memory/src/index.js";
import { brokerContract, type FlakyPlan, flaky, plainQueue, routeTo, sampleMessage, textOf } from "../src/index.js";
import { wrappedBrokerFixture } from "./memory-fixtures.js";

const QUEUE = "flaky";

async function publish(plan: FlakyPlan, count: number): Promise<readonly string[]> {
  await using broker = flaky(memoryBroker(), plan);
  const outcomes: string[] = [];
  for (let index = 1; index <= count; index += 1) {
    const outcome = broker.publish(sampleMessage(`m${index}`), routeTo(QUEUE));
    outcomes.push(
      await outcome.then(
        () => "stored",
        (error: { code: string }) => error.code,
      ),
    );
  }
  return [...outcomes, `${await broker.queues.length(QUEUE)} waiting`];
}

describe("flaky", () => {
  it("refuses the publishes it was told to, storing nothing", async () => {
    const outcomes = await publish({ refusePublishes: [2] }, 3);
    expect(outcomes).toEqual(["stored", "BROKER_UNAVAILABLE", "stored", "2 waiting"]);
  });

  it("loses the answers it was told to, the message being stored", async () => {
    const outcomes = await publish({ loseAnswers: [1] }, 2);
    expect(outcomes).toEqual(["PUBLISH_TIMEOUT", "stored", "2 waiting"]);
  });

  it("publishes once what is repeated because its answer was lost", async () => {
    await using broker = flaky(memoryBroker(), { loseAnswers: [1] });
    const once = (): Promise<boolean> | undefined => broker.once?.publish(sampleMessage("m1"), routeTo(QUEUE), "key");
    await expect(once()).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT", retryable: true });
    expect(await once()).toBe(false);
    expect(await broker.queues.length(QUEUE)).toBe(1);
  });

  it("drops the connection of a consumer after some batches, and works again when consumed anew", async () => {
    await using broker = flaky(memoryBroker(), { dropAfterBatches: 1 });
    const subscription = { queues: [plainQueue(QUEUE)], prefetch: 1 };
    for (const text of ["m1", "m2"]) await broker.publish(sampleMessage(text), routeTo(QUEUE));
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of await broker.consume(subscription)) {
        for (const delivery of batch) {
          if (delivery.message !== undefined) seen.push(textOf(delivery.message));
          await delivery.ack();
        }
      }
    };
    await expect(read()).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await expect(read()).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    expect(seen).toEqual(["m1", "m2"]);
  });

  it("loses the leases it was told to", async () => {
    await using broker = flaky(memoryBroker(), { loseLeases: [1] });
    await broker.publish(sampleMessage("m1"), routeTo(QUEUE));
    const consumer = await broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 1 });
    for await (const [delivery] of consumer) {
      await expect(delivery?.ack()).rejects.toMatchObject({ code: "LEASE_LOST" });
      await delivery?.ack();
      break;
    }
  });

  it("cuts everybody off until it is connected again", async () => {
    await using broker = flaky(memoryBroker());
    const consumer = await broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 1 });
    const waiting = consumer[Symbol.asyncIterator]().next();
    broker.disconnect();
    await expect(waiting).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    const lost = broker.publish(sampleMessage("m1"), routeTo(QUEUE));
    await expect(lost).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    broker.reconnect();
    await broker.publish(sampleMessage("m2"), routeTo(QUEUE));
    expect(await broker.queues.length(QUEUE)).toBe(1);
    expect(broker.counts).toEqual({ publishes: 2, consumes: 1, settlements: 0 });
  });
});

describe("flaky without a plan", () => {
  for (const contractCase of brokerContract(() => wrappedBrokerFixture((broker) => flaky(broker)), { quietMs: 5 })) {
    it(contractCase.name, async ({ skip }) => {
      const outcome = await contractCase.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});
