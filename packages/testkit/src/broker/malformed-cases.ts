import assert from "node:assert/strict";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { textOfDelivery } from "./inbox.js";

const GARBAGE = new Uint8Array([0x7b, 0x22, 0x62, 0xff, 0xfe, 0x00, 0x0a, 0x22]);

/** Bad messages: seen, kept whole, never in the way of good ones. */
export const malformedCases: readonly BrokerCase[] = [
  brokerCase(
    "an unreadable message is delivered as malformed, with its bytes",
    async (stage) => {
      await stage.putRaw(GARBAGE);
      const inbox = await stage.open();
      const delivery = await inbox.next();
      assert.equal(delivery.message, undefined);
      assert.ok(delivery.malformed);
      assert.ok(["E_ENVELOPE", "E_BODY"].includes(delivery.malformed.code), delivery.malformed.code);
      assert.deepEqual([...delivery.raw()], [...GARBAGE]);
      assert.equal(delivery.queue, stage.queue);
    },
    ["putRaw"],
  ),

  brokerCase(
    "messages behind a malformed one are delivered",
    async (stage) => {
      await stage.putRaw(GARBAGE);
      await stage.publish("good");
      const inbox = await stage.open({ prefetch: 1 });
      const first = await inbox.next();
      await first.ack();
      const second = await inbox.next();
      // In any order: a transport of files may wait for the rest of a message, and serve others meanwhile.
      const readable = [first, second].filter((delivery) => delivery.malformed === undefined);
      assert.deepEqual(readable.map(textOfDelivery), ["good"]);
    },
    ["putRaw"],
  ),

  brokerCase(
    "a malformed message that is acked is gone",
    async (stage) => {
      await stage.putRaw(GARBAGE);
      const peer = await stage.fixture.createPeer();
      const inbox = await stage.open();
      await (await inbox.next()).ack();
      await stage.closeHoldingNothingElse(peer);
    },
    ["putRaw"],
  ),

  brokerCase(
    "a malformed message that is restored comes back with the same bytes",
    async (stage) => {
      await stage.putRaw(GARBAGE);
      const inbox = await stage.open();
      await (await inbox.next()).restore();
      const again = await inbox.next();
      assert.ok(again.malformed);
      assert.deepEqual([...again.raw()], [...GARBAGE]);
    },
    ["putRaw"],
  ),

  brokerCase(
    "JSON that is no envelope is malformed, not a crash",
    async (stage) => {
      const texts = ["null", "[]", '"text"', "{}", '{"body": 5, "headers": [], "properties": null}'];
      for (const text of texts) await stage.putRaw(new TextEncoder().encode(text));
      await stage.publish("good");
      const inbox = await stage.open();
      const deliveries = await inbox.take(texts.length + 1);
      const readable = deliveries.filter((delivery) => delivery.message?.properties.correlation_id === "good");
      assert.equal(readable.length, 1);
      const bytes = deliveries.filter((delivery) => delivery.malformed).map((d) => Buffer.from(d.raw()).toString());
      assert.ok(bytes.includes("null") && bytes.includes("[]") && bytes.includes('"text"'), bytes.join());
    },
    ["putRaw"],
  ),
];
