import assert from "node:assert/strict";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { plainQueue, sampleMessage } from "./sample-message.js";

/** Looking after queues. */
export const queueAdminCases: readonly BrokerCase[] = [
  brokerCase("declaring a queue twice is safe and keeps its messages", async (stage) => {
    await stage.broker.queues.declare(plainQueue(stage.queue));
    await stage.publish("m0");
    await stage.broker.queues.declare(plainQueue(stage.queue));
    assert.equal(await stage.length(), 1);
    await stage.broker.publish(sampleMessage("m1"), { exchange: stage.queue, routingKey: stage.queue });
    assert.equal(await stage.length(), 2, "one binding, one copy");
  }),

  brokerCase("length counts the waiting messages", async (stage) => {
    assert.equal(await stage.length("never.heard.of"), 0);
    await stage.broker.queues.declare(plainQueue(stage.queue));
    assert.equal(await stage.length(), 0);
    await stage.publishEach("m0", "m1", "m2");
    assert.equal(await stage.length(), 3);
  }),

  brokerCase("purge removes the waiting messages and counts them", async (stage) => {
    await stage.publishEach("m0", "m1", "m2");
    assert.equal(await stage.broker.queues.purge(stage.queue), 3);
    assert.equal(await stage.length(), 0);
    assert.equal(await stage.broker.queues.purge(stage.queue), 0);
  }),

  brokerCase("purge leaves claimed messages and other queues alone", async (stage) => {
    await stage.publishEach("m0", "m1");
    await stage.publish("other", { queue: "other" });
    const inbox = await stage.open({ prefetch: 1 });
    const held = await inbox.next();
    assert.equal(await stage.broker.queues.purge(stage.queue), 1);
    await held.restore();
    assert.deepEqual(await inbox.texts(1), ["m0"]);
    assert.equal(await stage.length("other"), 1);
  }),

  brokerCase("delete removes the messages and the binding", async (stage) => {
    const queue = { name: "one", exchange: { name: "sorting", type: "direct" }, routingKey: "red" } as const;
    await stage.broker.queues.declare(queue);
    await stage.broker.publish(sampleMessage("m0"), { exchange: "sorting", routingKey: "red" });
    await stage.broker.queues.delete(queue);
    assert.equal(await stage.length("one"), 0);
    const route = { exchange: "sorting", routingKey: "red" };
    await assert.rejects(stage.broker.publish(sampleMessage("m1"), route), { code: "UNROUTABLE" });
  }),

  brokerCase("a deleted queue can be declared again and starts empty", async (stage) => {
    await stage.publish("m0");
    await stage.broker.queues.delete(plainQueue(stage.queue));
    await stage.broker.queues.declare(plainQueue(stage.queue));
    assert.equal(await stage.length(), 0);
    await stage.publish("m1");
    assert.deepEqual(await (await stage.open()).texts(1), ["m1"]);
  }),
];
