import assert from "node:assert/strict";
import { type BrokerCase, brokerCase } from "./broker-stage.js";
import { plainQueue } from "./sample-message.js";

/** The window of unsettled deliveries. */
export const prefetchCases: readonly BrokerCase[] = [
  brokerCase("hands out no more than the prefetch count", async (stage) => {
    await stage.publishEach("m0", "m1", "m2", "m3");
    const inbox = await stage.open({ prefetch: 2 });
    assert.deepEqual(await inbox.texts(2), ["m0", "m1"]);
    await inbox.expectQuiet();
    assert.equal(await stage.length(), 2);
  }),

  brokerCase("counts the deliveries of all its queues together", async (stage) => {
    for (const queue of ["one", "two"]) {
      await stage.publish(`${queue} a`, { queue });
      await stage.publish(`${queue} b`, { queue });
    }
    const inbox = await stage.open({ prefetch: 3, queues: [plainQueue("one"), plainQueue("two")] });
    await inbox.take(3);
    await inbox.expectQuiet();
  }),

  brokerCase("hands out the next message once one is settled", async (stage) => {
    await stage.publishEach("m0", "m1", "m2", "m3");
    const inbox = await stage.open({ prefetch: 1 });
    await (await inbox.next()).ack();
    await (await inbox.next()).reject({ requeue: false });
    assert.deepEqual(await inbox.texts(1), ["m2"]);
    await inbox.expectQuiet();
  }),

  brokerCase("hands out more when setPrefetch widens the window", async (stage) => {
    await stage.publishEach("m0", "m1", "m2", "m3", "m4");
    const inbox = await stage.open({ prefetch: 1 });
    await inbox.take(1);
    await inbox.consumer.setPrefetch(3);
    assert.deepEqual(await inbox.texts(2), ["m1", "m2"]);
    await inbox.expectQuiet();
  }),

  brokerCase("hands out nothing until a narrowed window has room", async (stage) => {
    await stage.publishEach("m0", "m1", "m2", "m3");
    const inbox = await stage.open({ prefetch: 2 });
    const [first, second] = await inbox.take(2);
    await inbox.consumer.setPrefetch(1);
    await first?.ack();
    await inbox.expectQuiet();
    await second?.ack();
    assert.deepEqual(await inbox.texts(1), ["m2"]);
    await inbox.expectQuiet();
  }),

  brokerCase("prefetch Infinity means no limit", async (stage) => {
    const texts = Array.from({ length: 30 }, (_, index) => `m${index}`);
    await stage.publishEach(...texts.slice(0, 15));
    const inbox = await stage.open({ prefetch: Number.POSITIVE_INFINITY });
    await stage.publishEach(...texts.slice(15));
    assert.deepEqual(await inbox.texts(30), texts);
  }),

  brokerCase("setPrefetch to Infinity takes the limit away", async (stage) => {
    await stage.publishEach("m0", "m1", "m2", "m3");
    const inbox = await stage.open({ prefetch: 1 });
    await inbox.take(1);
    await inbox.consumer.setPrefetch(Number.POSITIVE_INFINITY);
    assert.deepEqual(await inbox.texts(3), ["m1", "m2", "m3"]);
  }),

  brokerCase("prefetch 0 takes nothing until it is widened", async (stage) => {
    await stage.publishEach("m0", "m1");
    const inbox = await stage.open({ prefetch: 0 });
    await inbox.expectQuiet();
    await inbox.consumer.setPrefetch(1);
    assert.deepEqual(await inbox.texts(1), ["m0"]);
    await inbox.consumer.setPrefetch(0);
    await stage.publishEach("m2");
    await inbox.expectQuiet();
  }),
];
