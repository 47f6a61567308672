import type { Broker, Consumer, Delivery, ReadableDelivery } from "@celeriac/core/ports";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { type RedisBrokerOptions, redisBroker } from "../src/index.js";
import { eventually, idOf, messageOf, queueOf, routeTo, take } from "./broker-lab.js";
import { contents, listsOf, openTaking, untilIdle } from "./take-lab.js";

describe.skipIf(!hasRedisServer)("taking in one step", () => {
  let redis: RedisFixture;
  let raw: Redis;
  const opened: Broker[] = [];

  const open = (options: RedisBrokerOptions = {}): Broker => {
    const broker = redisBroker(redis.url, options);
    opened.push(broker);
    return broker;
  };
  /** Publishes to an idle consumer; yields what it makes of it. */
  const deliver = async (broker: Broker, consumer: Consumer, id: string, priority = 0): Promise<Delivery> => {
    const arriving = take(consumer, 1);
    await untilIdle(raw);
    await broker.publish(messageOf(id, priority), routeTo("q"));
    const [delivery] = await arriving;
    if (delivery === undefined) throw new Error("nothing arrived");
    return delivery;
  };

  beforeAll(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterAll(() => redis.stop());
  beforeEach(() => raw.flushall());
  afterEach(async () => {
    redis.resume();
    await Promise.all(opened.splice(0).map((broker) => broker[Symbol.asyncDispose]()));
  });

  it("removes an accepted message for good before it is handed out", async () => {
    const broker = open();
    const asked: ReadableDelivery[] = [];
    const consumer = await openTaking(broker, (delivery) => asked.push(delivery) > 0);
    const delivery = await deliver(broker, consumer, "t");
    expect(delivery).toMatchObject({ isTaken: true, queue: "q", redelivered: false });
    expect(asked).toEqual([delivery]); // the very object, so that whoever read it need not read it again
    expect(asked[0]).toBe(delivery);
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 });
    expect(Buffer.from(delivery.raw()).toString()).toContain('"id":"t"');
    await delivery.ack();
    await delivery.reject({ requeue: false });
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 });
  });

  it("claims a message that is not accepted, and it can be settled as usual", async () => {
    const broker = open();
    const delivery = await deliver(broker, await openTaking(broker, () => false), "t");
    expect(delivery.isTaken).toBe(false);
    expect(await contents(raw)).toEqual({ waiting: [], held: 1 });
    await delivery.ack();
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 });
  });

  it.each([3, 9])("takes from the list of priority %i too", async (priority) => {
    const broker = open();
    const consumer = await openTaking(broker);
    const delivery = await deliver(broker, consumer, "t", priority);
    expect(delivery.isTaken).toBe(true);
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 });
    await consumer[Symbol.asyncDispose]();
    await delivery.restore();
    expect(await raw.llen(listsOf("q")[priority / 3] ?? "")).toBe(1);
  });

  it("hands out again what was put back, flagged, under a tag of its own", async () => {
    const broker = open();
    const consumer = await openTaking(broker);
    const first = await deliver(broker, consumer, "t");
    const again = take(consumer, 1);
    await first.restore();
    const [second] = await again;
    expect([idOf(second), second?.redelivered]).toEqual(["t", true]);
    expect(second?.deliveryTag).not.toBe(first.deliveryTag);
  });

  it.each([
    ["restore", ["t!", "a", "b"]],
    ["requeue", ["a", "b", "t!"]],
  ])("puts a taken message back where it belongs: %s", async (way, expected) => {
    const broker = open();
    const consumer = await openTaking(broker);
    const delivery = await deliver(broker, consumer, "t");
    await consumer[Symbol.asyncDispose]();
    await broker.publishMany(["a", "b"].map((id) => [messageOf(id), routeTo("q")]));
    await (way === "restore" ? delivery.restore() : delivery.reject({ requeue: true }));
    expect(await contents(raw)).toEqual({ waiting: expected, held: 0 });
  });

  it("parks a taken message", async () => {
    const broker = open();
    const delivery = await deliver(broker, await openTaking(broker), "t");
    await broker.parking?.park(delivery, Date.now() + 60_000);
    expect(await raw.zcard("celeriac.parked")).toBe(1);
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 });
  });

  it("hands out every message of a burst once and in order, the first one taken, the others claimed", async () => {
    const broker = open();
    const consumer = await openTaking(broker, undefined, { prefetch: Number.POSITIVE_INFINITY });
    const ids = Array.from({ length: 50 }, (_unused, index) => `t${index}`);
    const arriving = take(consumer, ids.length);
    await untilIdle(raw);
    await broker.publishMany(ids.map((id) => [messageOf(id), routeTo("q")]));
    const deliveries = await arriving;
    expect(deliveries.map(idOf)).toEqual(ids);
    expect(deliveries.map((delivery) => delivery.isTaken)).toEqual(ids.map((_id, index) => index === 0));
    expect((await contents(raw)).held).toBe(ids.length - 1);
  });

  it("does not miss a message that follows a taken one, however soon", async () => {
    const broker = open();
    const consumer = await openTaking(broker);
    const seen: unknown[] = [];
    let taken = 0;
    await broker.publish(messageOf("t0"), routeTo("q"));
    for await (const batch of consumer) {
      for (const delivery of batch) {
        seen.push(idOf(delivery));
        if (delivery.isTaken === true) taken += 1;
        await delivery.ack();
        if (seen.length % 3 === 0) await untilIdle(raw);
        if (seen.length < 60) await broker.publish(messageOf(`t${seen.length}`), routeTo("q"));
      }
      if (seen.length === 60) break;
    }
    expect(seen).toEqual(seen.map((_id, index) => `t${index}`));
    expect(taken).toBeGreaterThan(0);
  });

  it("a taken message takes no place in the window", async () => {
    const broker = open();
    const consumer = await openTaking(broker, undefined, { prefetch: 1 });
    await deliver(broker, consumer, "a");
    expect((await deliver(broker, consumer, "b")).isTaken).toBe(true);
  });

  it("asks nobody while the window is full", async () => {
    const broker = open();
    let asked = 0;
    const consumer = await openTaking(
      broker,
      () => {
        asked += 1;
        return false;
      },
      { prefetch: 1 },
    );
    const held = await deliver(broker, consumer, "held");
    await broker.publish(messageOf("waits"), routeTo("q"));
    const next = take(consumer, 1);
    await held.ack();
    expect((await next).map(idOf)).toEqual(["waits"]);
    expect(asked).toBe(1);
  });

  it("asks nobody who does not wait: what is taken starts at once", async () => {
    const broker = open();
    let asked = 0;
    const consumer = await openTaking(broker, () => {
      asked += 1;
      return true;
    });
    await untilIdle(raw);
    await broker.publish(messageOf("t"), routeTo("q"));
    await eventually(async () => (await raw.hlen("unacked")) === 1);
    expect((await take(consumer, 1)).map((delivery) => delivery.isTaken)).toEqual([false]);
    expect(asked).toBe(0);
  });

  it.each([
    ["bytes that are no envelope", Buffer.from("nothing")],
    ["bytes that are no text", Buffer.from([0x7b, 0xff, 0x7d])],
  ])("claims what cannot be read, without asking: %s", async (_what, bytes) => {
    const broker = open();
    let asked = 0;
    const consumer = await openTaking(broker, () => {
      asked += 1;
      return true;
    });
    const arriving = take(consumer, 1);
    await untilIdle(raw);
    await raw.lpush("q", bytes);
    const [delivery] = await arriving;
    expect(Buffer.from(delivery?.raw() ?? []).equals(bytes)).toBe(true);
    expect(delivery).toMatchObject({ isTaken: false, malformed: { code: "E_ENVELOPE" } });
    expect([asked, await raw.hlen("unacked")]).toEqual([0, 1]);
  });

  it("claims bytes that are no text though their envelope reads as one", async () => {
    const broker = open();
    const arriving = take(await openTaking(broker), 1);
    await untilIdle(raw);
    const bytes = Buffer.concat([Buffer.from('{"headers":{"x":"'), Buffer.from([0xff]), Buffer.from('"},"body":""}')]);
    await raw.lpush("q", bytes);
    const [delivery] = await arriving;
    expect(Buffer.from(delivery?.raw() ?? []).equals(bytes)).toBe(true);
    expect(delivery).toMatchObject({ isTaken: false, malformed: { code: "E_ENVELOPE" } });
  });

  it("takes text that contains the character by which other bytes are replaced", async () => {
    const broker = open();
    const arriving = take(await openTaking(broker), 1);
    await untilIdle(raw);
    const bytes = Buffer.from('{"body":"\ufffd","headers":{}}');
    await raw.lpush("q", bytes);
    const [delivery] = await arriving;
    expect(delivery?.isTaken).toBe(true);
    expect(Buffer.from(delivery?.raw() ?? []).equals(bytes)).toBe(true);
  });

  it.each([
    ["noAck", { noAck: true }, {}],
    ["no ack emulation", {}, { ackEmulation: false }],
  ])("has nothing to take in one step with %s", async (_what, subscription, options) => {
    const broker = open(options);
    let asked = 0;
    const takes = (): boolean => {
      asked += 1;
      return true;
    };
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 10, takes, ...subscription });
    const delivery = await deliver(broker, consumer, "t");
    expect([delivery.isTaken, asked]).toEqual([false, 0]);
  });

  it("serves several queues, and names the one a message came from", async () => {
    const broker = open();
    const consumer = await openTaking(broker, undefined, { queues: ["q", "r"] });
    for (const queue of ["r", "q", "r"]) {
      const arriving = take(consumer, 1);
      await untilIdle(raw, 8);
      await broker.publish(messageOf(queue), routeTo(queue));
      expect(await arriving).toEqual([expect.objectContaining({ queue, isTaken: true })]);
    }
  });

  it("gives each message to one of several idle workers", async () => {
    const brokers = [open(), open(), open()];
    const seen: unknown[] = [];
    const readers = await Promise.all(brokers.map(async (broker) => read(await openTaking(broker), seen)));
    for (let round = 0; round < 40; round += 1) {
      await untilIdle(raw, 12);
      await brokers[0]?.publish(messageOf(`t${round}`), routeTo("q"));
      await eventually(async () => seen.length === round + 1);
    }
    await Promise.all(brokers.map((broker) => broker[Symbol.asyncDispose]()));
    await Promise.all(readers.map((reader) => reader.done));
    expect(new Set(seen).size).toBe(40);
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 });
  });

  it("leaves nothing behind but a mark that ends by itself, and not even that when it closes", async () => {
    const broker = open();
    await deliver(broker, await openTaking(broker), "t");
    const [mark = "", ...others] = (await raw.keys("*")).filter((key) => !key.startsWith("_kombu"));
    expect(others).toEqual([]);
    expect(mark).toMatch(/^celeriac\.taken\./);
    expect(await raw.ttl(mark)).toBeGreaterThan(80_000);
    await broker[Symbol.asyncDispose]();
    expect(await raw.exists(mark)).toBe(0);
  });

  it("gives back what it took while it was being disposed", async () => {
    const broker = open();
    const consumer = await openTaking(broker, () => {
      redis.pause();
      return true;
    });
    const reading = read(consumer, []);
    await untilIdle(raw);
    await broker.publish(messageOf("t"), routeTo("q")).catch(() => undefined);
    const closing = consumer[Symbol.asyncDispose]();
    redis.resume();
    await closing;
    await reading.done;
    expect(await contents(raw)).toEqual({ waiting: ["t!"], held: 0 });
  });
});

/** Reads to the end, settles what is claimed, and notes the ids. */
function read(consumer: Consumer, seen: unknown[]): { readonly done: Promise<void> } {
  const done = (async () => {
    for await (const batch of consumer) {
      for (const delivery of batch) {
        seen.push(idOf(delivery));
        await delivery.ack();
      }
    }
  })();
  return { done };
}
