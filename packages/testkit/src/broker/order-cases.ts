import assert from "node:assert/strict";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { textOfDelivery } from "./inbox.js";
import { routeTo, sampleMessage } from "./sample-message.js";

/** Nothing lost, nothing twice, first in first out. */
export const orderCases: readonly BrokerCase[] = [
  brokerCase("delivers messages in the order they were published", async (stage) => {
    const texts = Array.from({ length: 20 }, (_, index) => `m${index}`);
    await stage.publishEach(...texts);
    const inbox = await stage.open();
    assert.deepEqual(await inbox.texts(texts.length), texts);
  }),

  brokerCase("keeps the order when consumed one at a time", async (stage) => {
    await stage.publishEach("m0", "m1", "m2", "m3");
    const inbox = await stage.open({ prefetch: 1 });
    for (const text of ["m0", "m1", "m2", "m3"]) {
      const delivery = await inbox.next();
      assert.equal(textOfDelivery(delivery), text);
      await delivery.ack();
    }
  }),

  brokerCase("delivers the messages of publishMany in their order", async (stage) => {
    const texts = Array.from({ length: 50 }, (_, index) => `m${index}`);
    const results = await stage.broker.publishMany(
      texts.map((text) => [sampleMessage(text), routeTo(stage.queue)] as const),
    );
    assert.equal(results.length, texts.length);
    assert.ok(results.every((result) => result.status === "fulfilled"));
    const inbox = await stage.open();
    assert.deepEqual(await inbox.texts(texts.length), texts);
  }),

  brokerCase("publishMany reports each message on its own", async (stage) => {
    const nowhere = { exchange: "contract.nowhere", routingKey: "nobody", exchangeType: "direct" } as const;
    const results = await stage.broker.publishMany([
      [sampleMessage("first"), routeTo(stage.queue)],
      [sampleMessage("lost"), nowhere],
      [sampleMessage("last"), routeTo(stage.queue)],
    ]);
    assert.deepEqual(
      results.map((result) => result.status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    const refused = results[1];
    assert.ok(refused?.status === "rejected");
    assert.equal(refused.reason.code, "UNROUTABLE");
    const inbox = await stage.open();
    assert.deepEqual(await inbox.texts(2), ["first", "last"]);
  }),

  brokerCase("publishMany of nothing resolves with nothing", async (stage) => {
    assert.deepEqual(await stage.broker.publishMany([]), []);
  }),

  brokerCase("delivers a hundred concurrent publishes exactly once", async (stage) => {
    const texts = Array.from({ length: 100 }, (_, index) => `m${index}`);
    await Promise.all(texts.map((text) => stage.publish(text)));
    const inbox = await stage.open();
    const arrived = await inbox.texts(texts.length);
    assert.deepEqual([...arrived].sort(), [...texts].sort());
    await inbox.expectQuiet();
  }),

  brokerCase("a message published while a consumer waits reaches it", async (stage) => {
    const inbox = await stage.open();
    await inbox.expectQuiet();
    await stage.publish("late");
    assert.deepEqual(await inbox.texts(1), ["late"]);
  }),

  brokerCase("what one broker publishes another one consumes", async (stage) => {
    const peer = await stage.fixture.createPeer();
    const inbox = await stage.open({}, peer);
    await stage.publishEach("m0", "m1");
    assert.deepEqual(await inbox.texts(2), ["m0", "m1"]);
  }),
];
