import assert from "node:assert/strict";
import type { ExchangeType, Queue } from "@celeriac/core/ports";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { sampleMessage } from "./sample-message.js";

function bound(name: string, exchange: string, routingKey: string, type: ExchangeType = "direct"): Queue {
  return { name, exchange: { name: exchange, type }, routingKey };
}

/** Exchanges and bindings. */
export const routingCases: readonly BrokerCase[] = [
  brokerCase("the anonymous exchange routes to the queue named by the routing key", async (stage) => {
    await stage.broker.publish(sampleMessage("m0"), { exchange: "", routingKey: stage.queue });
    assert.deepEqual(await (await stage.open()).texts(1), ["m0"]);
  }),

  brokerCase("a direct exchange routes by equal routing key, to every queue bound with it", async (stage) => {
    await stage.broker.queues.declare(bound("one", "sorting", "red"));
    await stage.broker.queues.declare(bound("two", "sorting", "red"));
    await stage.broker.queues.declare(bound("three", "sorting", "blue"));
    await stage.broker.publish(sampleMessage("m0"), { exchange: "sorting", routingKey: "red" });
    assert.equal(await stage.length("one"), 1);
    assert.equal(await stage.length("two"), 1);
    assert.equal(await stage.length("three"), 0);
  }),

  brokerCase("a binding made by one broker routes the messages of another", async (stage) => {
    const peer = await stage.fixture.createPeer();
    await peer.queues.declare(bound("one", "sorting", "red"));
    await stage.broker.publish(sampleMessage("m0"), { exchange: "sorting", routingKey: "red" });
    assert.equal(await stage.length("one"), 1);
  }),

  brokerCase("consuming a queue binds it", async (stage) => {
    const queue = bound("one", "sorting", "red");
    const inbox = await stage.open({ queues: [queue] });
    await stage.broker.publish(sampleMessage("m0"), { exchange: "sorting", routingKey: "red" });
    assert.deepEqual(await inbox.texts(1), ["m0"]);
  }),

  brokerCase("the queue of a route is declared before the first message goes there", async (stage) => {
    const queue = bound("one", "sorting", "red");
    await stage.broker.publish(sampleMessage("m0"), { exchange: "sorting", routingKey: "red", queue });
    assert.equal(await stage.length("one"), 1);
  }),

  brokerCase("a topic exchange matches words with * and any rest with #", async (stage) => {
    const type = "topic";
    await stage.broker.queues.declare(bound("stars", "topics", "mail.*", type));
    await stage.broker.queues.declare(bound("rest", "topics", "mail.#", type));
    await stage.broker.queues.declare(bound("exact", "topics", "mail.in", type));
    const route = { exchange: "topics", exchangeType: type } as const;
    await stage.broker.publish(sampleMessage("m0"), { ...route, routingKey: "mail.in" });
    await stage.broker.publish(sampleMessage("m1"), { ...route, routingKey: "mail.in.spam" });
    await stage.broker.publish(sampleMessage("m2"), { ...route, routingKey: "mail.out" });
    assert.equal(await stage.length("stars"), 2);
    assert.equal(await stage.length("rest"), 3);
    assert.equal(await stage.length("exact"), 1);
  }),

  brokerCase("a message for which no queue is bound is refused as UNROUTABLE", async (stage) => {
    await stage.broker.queues.declare(bound("one", "sorting", "red"));
    const route = { exchange: "sorting", routingKey: "green" };
    await assert.rejects(stage.broker.publish(sampleMessage("m0"), route), { code: "UNROUTABLE" });
    const nowhere = { exchange: "no.such.exchange", routingKey: "red" };
    await assert.rejects(stage.broker.publish(sampleMessage("m0"), nowhere), { code: "UNROUTABLE" });
  }),
];
