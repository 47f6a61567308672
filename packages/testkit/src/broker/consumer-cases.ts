import assert from "node:assert/strict";
import { systemClock } from "@celeriac/core/lifecycle";
import { eventually } from "../eventually.js";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { type Inbox, textOfDelivery } from "./inbox.js";
import { plainQueue } from "./sample-message.js";

/** The life of a consumer, and what becomes of its claims. */
export const consumerCases: readonly BrokerCase[] = [
  brokerCase("disposing a consumer gives back what it claimed and did not yield", async (stage) => {
    await stage.publishEach("m0", "m1", "m2");
    const peer = await stage.fixture.createPeer();
    const consumer = await stage.broker.consume({ queues: [plainQueue(stage.queue)], prefetch: 10 });
    await systemClock.sleep(stage.timing.quietMs); // room to claim ahead, for those who do
    await consumer[Symbol.asyncDispose]();
    const inbox = await stage.open({}, peer);
    assert.deepEqual(await inbox.texts(3), ["m0", "m1", "m2"]);
  }),

  brokerCase("deliveries already yielded can be settled after their consumer is disposed", async (stage) => {
    await stage.publishEach("m0", "m1", "m2");
    const inbox = await stage.open({ prefetch: 3 });
    const [first, second, third] = await inbox.take(3);
    await inbox[Symbol.asyncDispose]();
    assert.equal(await stage.length(), 0, "yielded deliveries are not given back");
    await first?.ack();
    await second?.restore();
    await third?.reject({ requeue: true });
    const again = await stage.open();
    assert.deepEqual(await again.texts(2), ["m1", "m2"]);
    await again.expectQuiet();
  }),

  brokerCase("disposing a consumer ends its iteration without an error", async (stage) => {
    const inbox = await stage.open();
    await inbox.expectQuiet();
    await inbox[Symbol.asyncDispose]();
    await inbox.ended();
  }),

  brokerCase("disposing a consumer twice is safe", async (stage) => {
    const inbox = await stage.open();
    await inbox[Symbol.asyncDispose]();
    await inbox[Symbol.asyncDispose]();
  }),

  brokerCase("a disposed consumer takes no more messages", async (stage) => {
    const inbox = await stage.open();
    await inbox[Symbol.asyncDispose]();
    await stage.publish("m0");
    await systemClock.sleep(stage.timing.quietMs);
    assert.equal(await stage.length(), 1);
  }),

  brokerCase("a queue can be consumed again after its consumer is gone", async (stage) => {
    const first = await stage.open();
    await first[Symbol.asyncDispose]();
    await stage.publish("m0");
    assert.deepEqual(await (await stage.open()).texts(1), ["m0"]);
  }),

  brokerCase("closing the broker ends the iteration of its consumers", async (stage) => {
    const inbox = await stage.open();
    await stage.broker[Symbol.asyncDispose]();
    await inbox.ended().catch((error: unknown) => {
      assert.ok(error instanceof Error && "code" in error, String(error));
      assert.equal(error.code, "BROKER_CLOSED");
    });
  }),

  brokerCase("competing consumers get each message once", async (stage) => {
    const peer = await stage.fixture.createPeer();
    const inboxes = [await stage.open({ prefetch: 3 }), await stage.open({ prefetch: 3 }, peer)];
    const texts = Array.from({ length: 60 }, (_, index) => `m${index}`);
    const seen: string[] = [];
    const drain = async (inbox: Inbox): Promise<void> => {
      while (seen.length < texts.length) {
        const delivery = await inbox.next().catch((error: unknown) => {
          if (seen.length >= texts.length) return undefined;
          throw error;
        });
        if (delivery === undefined) return;
        seen.push(textOfDelivery(delivery));
        await delivery.ack();
        if (seen.length >= texts.length) return;
      }
    };
    void Promise.allSettled(inboxes.map(drain)); // a loop that fails shows in what is missing
    await Promise.all(texts.map((text) => stage.publish(text)));
    await eventually(() => seen.length >= texts.length, stage.timing.settleMs, "not every message arrived");
    for (const inbox of inboxes) await inbox.expectQuiet();
    assert.deepEqual([...seen].sort(), [...texts].sort());
    for (const inbox of inboxes) await inbox[Symbol.asyncDispose]();
  }),

  brokerCase("messages of a broker that closed without settling them come back, flagged", async (stage) => {
    await stage.publishEach("m0", "m1");
    const peer = await stage.fixture.createPeer();
    const inbox = await stage.open();
    const [held] = await inbox.take(2);
    await stage.broker[Symbol.asyncDispose]();
    await assert.rejects(async () => held?.ack(), "a closed broker cannot settle");
    const again = await stage.open({}, peer);
    const deliveries = await again.take(2, stage.timing.redeliveryMs);
    assert.deepEqual(deliveries.map(textOfDelivery).sort(), ["m0", "m1"]);
    assert.deepEqual(
      deliveries.map((delivery) => delivery.redelivered),
      [true, true],
    );
  }),

  brokerCase("with noAck messages are settled on arrival", async (stage) => {
    await stage.publishEach("m0", "m1", "m2");
    const peer = await stage.fixture.createPeer();
    const inbox = await stage.open({ prefetch: 1, noAck: true });
    assert.deepEqual(await inbox.texts(3), ["m0", "m1", "m2"]);
    await stage.closeHoldingNothingElse(peer);
  }),

  brokerCase("one consumer takes from several queues", async (stage) => {
    await stage.publish("from one", { queue: "one" });
    await stage.publish("from two", { queue: "two" });
    const inbox = await stage.open({ queues: [plainQueue("one"), plainQueue("two")] });
    const deliveries = await inbox.take(2);
    const pairs = deliveries.map((delivery) => [delivery.queue, textOfDelivery(delivery)]);
    assert.deepEqual(pairs.sort(), [
      ["one", "from one"],
      ["two", "from two"],
    ]);
  }),

  brokerCase("a consumer takes from its own queues only", async (stage) => {
    await stage.publish("other", { queue: "other" });
    const inbox = await stage.open();
    await inbox.expectQuiet();
    assert.equal(await stage.length("other"), 1);
  }),
];
