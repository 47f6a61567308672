import assert from "node:assert/strict";
import type { Delivery, ReadableDelivery } from "@celeriac/core/ports";
import { type BrokerCase, type BrokerStage, brokerCase } from "./broker-stage.js";
import { type Inbox, textOfDelivery } from "./inbox.js";

/** A transport may claim any message; an idle one takes, sooner or later. */
const MAX_TRIES = 50;

/** Messages that are acknowledged in the step that hands them out, when their receiver says so. */
export const takeCases: readonly BrokerCase[] = [
  brokerCase("with takes every message is still handed out once, in order", async (stage) => {
    const inbox = await stage.open({ takes: () => true });
    const texts = Array.from({ length: 30 }, (_, index) => `m${index}`);
    await stage.publishEach(...texts);
    const deliveries = await inbox.take(texts.length);
    await Promise.all(deliveries.map((delivery) => delivery.ack()));
    assert.deepEqual(deliveries.map(textOfDelivery), texts);
    await inbox.expectQuiet();
    assert.equal(await stage.length(), 0);
  }),

  brokerCase("a message that takes refuses is held like any other", async (stage) => {
    const peer = await stage.fixture.createPeer();
    const inbox = await stage.open({ takes: () => false });
    await stage.publish("m0");
    assert.notEqual((await inbox.next()).isTaken, true);
    await stage.broker[Symbol.asyncDispose]();
    const again = await (await stage.open({}, peer)).next(stage.timing.redeliveryMs);
    assert.deepEqual([textOfDelivery(again), again.redelivered], ["m0", true]);
  }),

  brokerCase(
    "nobody is asked about a message that cannot be read",
    async (stage) => {
      const asked: ReadableDelivery[] = [];
      const inbox = await stage.open({ takes: (delivery) => asked.push(delivery) > 0 });
      await stage.putRaw(new Uint8Array([0x7b, 0xff, 0x00]));
      const delivery = await inbox.next();
      assert.ok(delivery.malformed);
      assert.notEqual(delivery.isTaken, true);
      assert.deepEqual(asked, []);
    },
    ["putRaw"],
  ),

  brokerCase(
    "a taken message is the delivery that was asked about, and is gone from the broker",
    async (stage) => {
      const peer = await stage.fixture.createPeer();
      const asked = new Set<Delivery>();
      const inbox = await stage.open({ takes: (delivery) => asked.add(delivery).size > 0 });
      const taken = await takeOne(stage, inbox);
      assert.ok(asked.has(taken), "the delivery that was handed out is not the one that was asked about");
      assert.equal(taken.queue, stage.queue);
      assert.ok(taken.raw().byteLength > 0);
      await stage.closeHoldingNothingElse(peer);
    },
    ["takes"],
  ),

  brokerCase(
    "an ack of a taken message has nothing to do",
    async (stage) => {
      const inbox = await stage.open({ takes: () => true });
      await (await takeOne(stage, inbox)).ack();
      await inbox.expectQuiet();
    },
    ["takes"],
  ),

  brokerCase(
    "a taken message takes no place in the window",
    async (stage) => {
      const inbox = await stage.open({ prefetch: 1, takes: () => true });
      const first = await takeOne(stage, inbox);
      await stage.publish("next");
      const next = await inbox.next();
      assert.equal(textOfDelivery(next), "next");
      assert.notEqual(next.deliveryTag, first.deliveryTag);
    },
    ["takes"],
  ),

  brokerCase(
    "a taken message that is restored is in front of the waiting ones, flagged",
    async (stage) => {
      const inbox = await stage.open({ takes: () => true });
      const taken = await takeOne(stage, inbox);
      await inbox.consumer[Symbol.asyncDispose]();
      await stage.publishEach("a", "b");
      await taken.restore();
      const [first, ...others] = await (await stage.open()).take(3);
      assert.deepEqual(
        [first && textOfDelivery(first), first?.redelivered, ...others.map(textOfDelivery)],
        [textOfDelivery(taken), true, "a", "b"],
      );
    },
    ["takes"],
  ),

  brokerCase(
    "a taken message that is requeued is behind the waiting ones, flagged",
    async (stage) => {
      const inbox = await stage.open({ takes: () => true });
      const taken = await takeOne(stage, inbox);
      await inbox.consumer[Symbol.asyncDispose]();
      await stage.publishEach("a", "b");
      await taken.reject({ requeue: true });
      const deliveries = await (await stage.open()).take(3);
      assert.deepEqual(deliveries.map(textOfDelivery), ["a", "b", textOfDelivery(taken)]);
      assert.deepEqual(
        deliveries.map((delivery) => delivery.redelivered),
        [false, false, true],
      );
    },
    ["takes"],
  ),
];

/** Publishes until a message is taken instead of claimed; what was claimed is acked. */
async function takeOne(stage: BrokerStage, inbox: Inbox): Promise<Delivery> {
  for (let tried = 0; tried < MAX_TRIES; tried += 1) {
    await stage.publish(`t${tried}`);
    const delivery = await inbox.next();
    if (delivery.isTaken === true) return delivery;
    await delivery.ack();
  }
  throw new assert.AssertionError({ message: `none of ${MAX_TRIES} messages was taken` });
}
