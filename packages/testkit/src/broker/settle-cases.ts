import assert from "node:assert/strict";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { textOfDelivery } from "./inbox.js";

/** Ack, reject, requeue, restore. */
export const settleCases: readonly BrokerCase[] = [
  brokerCase("an acked message never comes back", async (stage) => {
    await stage.publishEach("m0", "m1");
    const peer = await stage.fixture.createPeer();
    const inbox = await stage.open();
    for (const delivery of await inbox.take(2)) await delivery.ack();
    await stage.closeHoldingNothingElse(peer);
  }),

  brokerCase("acks of one tick all take effect", async (stage) => {
    const texts = Array.from({ length: 20 }, (_, index) => `m${index}`);
    await stage.publishEach(...texts);
    const peer = await stage.fixture.createPeer();
    const inbox = await stage.open();
    await Promise.all((await inbox.take(20)).map((delivery) => delivery.ack()));
    await stage.closeHoldingNothingElse(peer);
  }),

  brokerCase("a claimed message is not waiting any more", async (stage) => {
    await stage.publishEach("m0", "m1");
    const inbox = await stage.open({ prefetch: 1 });
    await inbox.take(1);
    assert.equal(await stage.length(), 1);
  }),

  brokerCase("reject without requeue drops the message", async (stage) => {
    await stage.publish("m0");
    const inbox = await stage.open();
    await (await inbox.next()).reject({ requeue: false });
    await inbox.expectQuiet();
    assert.equal(await stage.length(), 0);
  }),

  brokerCase("reject with requeue puts the message behind the waiting ones", async (stage) => {
    await stage.publishEach("m0", "m1", "m2");
    const inbox = await stage.open({ prefetch: 1 });
    await (await inbox.next()).reject({ requeue: true });
    const order: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      const delivery = await inbox.next();
      order.push(textOfDelivery(delivery));
      await delivery.ack();
    }
    assert.deepEqual(order, ["m1", "m2", "m0"]);
  }),

  brokerCase("restore puts the message in front of the waiting ones", async (stage) => {
    await stage.publishEach("m0", "m1", "m2");
    const inbox = await stage.open({ prefetch: 1 });
    await (await inbox.next()).restore();
    const order: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      const delivery = await inbox.next();
      order.push(textOfDelivery(delivery));
      await delivery.ack();
    }
    assert.deepEqual(order, ["m0", "m1", "m2"]);
  }),

  brokerCase("a message delivered for the first time is not flagged as redelivered", async (stage) => {
    await stage.publish("m0");
    const inbox = await stage.open();
    assert.equal((await inbox.next()).redelivered, false);
  }),

  brokerCase("a requeued message is flagged as redelivered", async (stage) => {
    await stage.publish("m0");
    const inbox = await stage.open();
    await (await inbox.next()).reject({ requeue: true });
    assert.equal((await inbox.next()).redelivered, true);
  }),

  brokerCase("a restored message is flagged as redelivered", async (stage) => {
    await stage.publish("m0");
    const inbox = await stage.open();
    await (await inbox.next()).restore();
    assert.equal((await inbox.next()).redelivered, true);
  }),

  brokerCase("a message put back is otherwise unchanged", async (stage) => {
    await stage.publish("m0", { headers: { custom: ["a", { b: 1 }] } });
    const inbox = await stage.open();
    const first = await inbox.next();
    await first.restore();
    const second = await inbox.next();
    await second.reject({ requeue: true });
    const third = await inbox.next();
    assert.ok(first.message && third.message);
    assert.deepEqual(Buffer.from(third.message.body), Buffer.from(first.message.body));
    assert.deepEqual(third.message.headers.custom, ["a", { b: 1 }]);
    assert.equal(third.message.properties.correlation_id, "m0");
  }),

  brokerCase("every claim has a tag of its own, and a stale one settles nothing", async (stage) => {
    await stage.publish("m0");
    const peer = await stage.fixture.createPeer();
    const inbox = await stage.open();
    const stale = await inbox.next();
    await stale.restore();
    const fresh = await inbox.next();
    assert.notEqual(fresh.deliveryTag, stale.deliveryTag);
    await assert.rejects(stale.ack(), { code: "LEASE_LOST" });
    await fresh.restore();
    const last = await inbox.next();
    assert.equal(textOfDelivery(last), "m0");
    await last.ack();
    await stage.closeHoldingNothingElse(peer);
  }),

  brokerCase("deliveries held at once have different tags", async (stage) => {
    await stage.publishEach("m0", "m1", "m2");
    const inbox = await stage.open();
    const tags = (await inbox.take(3)).map((delivery) => delivery.deliveryTag);
    assert.equal(new Set(tags).size, 3);
  }),

  brokerCase("a delivery names its queue and has its bytes", async (stage) => {
    await stage.publish("m0");
    const delivery = await (await stage.open()).next();
    assert.equal(delivery.queue, stage.queue);
    assert.ok(delivery.raw().byteLength > 0);
  }),
];
