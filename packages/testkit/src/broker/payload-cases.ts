import assert from "node:assert/strict";
import type { Message } from "@celeriac/core/protocol";
import { type BrokerCase, type BrokerStage, brokerCase } from "./broker-stage.js";
import { routeTo, sampleMessage } from "./sample-message.js";

async function roundTrip(stage: BrokerStage, message: Message): Promise<Message> {
  await stage.broker.publish(message, routeTo(stage.queue));
  const delivery = await (await stage.open()).next();
  assert.ok(delivery.message, delivery.malformed?.message);
  return delivery.message;
}

/** What is sent is what arrives. */
export const payloadCases: readonly BrokerCase[] = [
  brokerCase("a body of 1 MiB arrives whole", async (stage) => {
    const body = new Uint8Array(1024 * 1024).map((_, index) => (index * 31) % 251);
    const arrived = await roundTrip(stage, { ...sampleMessage("big"), body, contentEncoding: "binary" });
    assert.equal(Buffer.compare(arrived.body, body), 0);
  }),

  brokerCase("every byte value survives in a body", async (stage) => {
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    const message: Message = {
      ...sampleMessage("bytes"),
      body,
      contentType: "application/x-msgpack",
      contentEncoding: "binary",
    };
    const arrived = await roundTrip(stage, message);
    assert.deepEqual([...arrived.body], [...body]);
    assert.equal(arrived.contentType, "application/x-msgpack");
    assert.equal(arrived.contentEncoding, "binary");
  }),

  brokerCase("an empty body stays empty", async (stage) => {
    const arrived = await roundTrip(stage, { ...sampleMessage("empty"), body: new Uint8Array() });
    assert.equal(arrived.body.byteLength, 0);
  }),

  brokerCase("odd headers arrive as they were", async (stage) => {
    const headers = {
      "ключ 🔑": "значение ✓ \u0000 \u2028 \ud83d\ude00",
      "": "empty name",
      nothing: null,
      zero: 0,
      negative: -1.5,
      yes: true,
      nested: { list: [1, ["two", { three: null }], []], empty: {} },
      constructor: "not a function",
      quote: '"\\',
    };
    Object.defineProperty(headers, "__proto__", { value: { polluted: 1 }, enumerable: true, configurable: true });
    const arrived = await roundTrip(stage, { ...sampleMessage("odd"), headers });
    for (const [name, value] of Object.entries(headers)) {
      const found = Object.getOwnPropertyDescriptor(arrived.headers, name)?.value;
      assert.deepEqual(found, value, `header ${JSON.stringify(name)}`);
    }
    assert.equal(Object.hasOwn({}, "polluted"), false);
    assert.equal(Reflect.get({}, "polluted"), undefined);
  }),

  brokerCase("properties arrive as they were", async (stage) => {
    const message = sampleMessage("props");
    const properties = {
      correlation_id: "id é",
      reply_to: "reply.queue",
      delivery_mode: 1,
      priority: 0,
      expiration: "1500",
    };
    const arrived = await roundTrip(stage, { ...message, properties });
    for (const [name, value] of Object.entries(properties)) assert.deepEqual(arrived.properties[name], value, name);
  }),

  brokerCase("changing a message after it was published changes nothing", async (stage) => {
    const body = new TextEncoder().encode('"before"');
    const headers = { value: "before" };
    await stage.broker.publish({ ...sampleMessage("m0"), body, headers }, routeTo(stage.queue));
    body.fill(0);
    headers.value = "after";
    const delivery = await (await stage.open()).next();
    assert.ok(delivery.message);
    assert.equal(Buffer.from(delivery.message.body).toString(), '"before"');
    assert.equal(delivery.message.headers.value, "before");
  }),

  brokerCase("a queue may have dots, spaces, unicode and an @ in its name", async (stage) => {
    for (const queue of ["w1@host.celery.pidbox", "päris queue", "a.b.c", "-", "queue:1"]) {
      await stage.publish(queue, { queue });
      assert.equal(await stage.length(queue), 1, queue);
    }
    assert.equal(await stage.length("b.c"), 0);
  }),
];
