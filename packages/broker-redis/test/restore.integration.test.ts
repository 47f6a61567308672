import type { Broker, Delivery } from "@celeriac/core/ports";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { type RedisBrokerOptions, redisBroker } from "../src/index.js";
import { eventually, hasKombu, idOf, kombu, messageOf, queueOf, routeTo, take } from "./broker-lab.js";

const LONG_AGO = 1_000_000_000;

describe.skipIf(!hasRedisServer)("the restore sweep", () => {
  let redis: RedisFixture;
  let raw: Redis;
  const opened: Broker[] = [];

  const open = (options: RedisBrokerOptions = {}): Broker => {
    const broker = redisBroker(redis.url, { visibilityTimeout: 60, restoreIntervalMs: 50, ...options });
    opened.push(broker);
    return broker;
  };

  beforeAll(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterAll(() => redis.stop());
  beforeEach(() => raw.flushall());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((broker) => broker[Symbol.asyncDispose]()));
  });

  /** A message in the hands of an owner that is gone, at some time in the past. */
  async function orphan(id: string, priority: number, takenAt = LONG_AGO): Promise<string> {
    const broker = open({ restoreIntervalMs: 100_000 });
    await broker.publish(messageOf(id, priority), routeTo("q"));
    const list = priority === 0 ? "q" : `q\x06\x16${priority}`;
    const envelope = (await raw.rpop(list)) ?? "";
    await raw.hset("unacked", `tag-${id}`, `[${envelope}, "", "q"]`);
    await raw.zadd("unacked_index", takenAt, `tag-${id}`);
    return envelope;
  }

  it("puts an orphan back in front of its priority list, flagged, and leaves the lease of others alone", async () => {
    await orphan("lost", 3);
    await orphan("held", 0, Date.now() / 1000);
    await raw.lpush("q\x06\x163", "waiting");
    await open().consume({ queues: [queueOf("other")], prefetch: 1 });
    await eventually(async () => (await raw.llen("q\x06\x163")) === 2);
    const restored = JSON.parse((await raw.rpop("q\x06\x163")) ?? "");
    expect(restored.headers).toMatchObject({ id: "lost", redelivered: true });
    expect(restored.properties.delivery_info).toEqual({
      exchange: "",
      routing_key: "q",
      redelivered: true,
      delivery_count: 1,
    });
    expect(await raw.hkeys("unacked")).toEqual(["tag-held"]);
    expect(await raw.zrange("unacked_index", "0", "-1")).toEqual(["tag-held"]);
  });

  it("restores in the order in which the messages were taken", async () => {
    for (const [index, id] of ["first", "second", "third"].entries()) await orphan(id, 0, LONG_AGO + index);
    const consumer = await open().consume({ queues: [queueOf("q")], prefetch: Number.POSITIVE_INFINITY });
    expect((await take(consumer, 3)).map(idOf)).toEqual(["first", "second", "third"]);
  });

  it("drops index entries whose message is gone", async () => {
    await raw.zadd("unacked_index", LONG_AGO, "ghost");
    await open().consume({ queues: [queueOf("q")], prefetch: 1 });
    await eventually(async () => (await raw.exists("unacked_index")) === 0);
  });

  it("makes dead letters of records that lead nowhere, and goes on", async () => {
    for (const [tag, record] of [
      ["corrupt", "not a record"],
      ["unbound", '[{"body":""},"no.such.exchange","key"]'],
    ] as const) {
      await raw.hset("unacked", tag, record);
      await raw.zadd("unacked_index", LONG_AGO, tag);
    }
    await orphan("good", 0, LONG_AGO + 1);
    const broker = open();
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    expect((await take(consumer, 1)).map(idOf)).toEqual(["good"]);
    const records = await broker.deadLetters.list();
    expect(records.map((record) => record.reason).sort()).toEqual(["E_ENVELOPE", "UNROUTABLE"]);
    expect(await raw.hmget("unacked", "corrupt", "unbound")).toEqual([null, null]);
  });

  it("finds the queue of a message from a named exchange by its binding", async () => {
    const broker = open();
    const topic = { name: "feed", exchange: { name: "feeds", type: "topic" as const }, routingKey: "feed.#" };
    await broker.queues.declare(topic);
    await raw.hset("unacked", "t", '[{"body":"","headers":{"id":"x"},"properties":{"priority":9}},"feeds","feed.eu"]');
    await raw.zadd("unacked_index", LONG_AGO, "t");
    await broker.consume({ queues: [queueOf("other")], prefetch: 1 });
    await eventually(async () => (await raw.llen("feed\x06\x169")) === 1);
  });

  it("does not wait for a lock whose owner is gone", async () => {
    await raw.set("unacked_mutex", "owner that died", "PX", 300_000);
    await orphan("lost", 0);
    const consumer = await open().consume({ queues: [queueOf("q")], prefetch: 1 });
    expect((await take(consumer, 1)).map(idOf)).toEqual(["lost"]);
    expect(await raw.get("unacked_mutex")).toBe("owner that died");
  });

  it("restores a message once when many sweep at the same time", async () => {
    for (let i = 0; i < 50; i += 1) await orphan(`t${i}`, 0, LONG_AGO + i);
    await raw.set("unacked_mutex", "someone", "PX", 300_000); // nobody gets the lock: all sweep together
    await Promise.all([1, 2, 3, 4].map(() => open().consume({ queues: [queueOf("other")], prefetch: 1 })));
    await eventually(async () => (await raw.hlen("unacked")) === 0);
    expect(await raw.llen("q")).toBe(50);
  });

  it("counts deliveries that came to nothing, by a failure or a death, and not what was never started", async () => {
    const broker = open();
    await broker.publish(messageOf("m"), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 2 });
    const counts: unknown[] = [];
    const next = async (): Promise<Delivery> => {
      const [delivery] = await take(consumer, 1);
      if (delivery === undefined) throw new Error("nothing was delivered");
      counts.push(delivery.deliveryCount);
      return delivery;
    };
    await (await next()).reject({ requeue: true });
    await (await next()).restore();
    await raw.zadd("unacked_index", LONG_AGO, (await next()).deliveryTag); // its owner fell silent
    await (await next()).reject({ requeue: true, counts: false }); // the task asked for it
    await (await next()).reject({ requeue: true });
    await (await next()).ack();
    expect(counts).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it.skipIf(!hasKombu)("counts on over a Python worker, which takes and restores such a message", async () => {
    const broker = open({ restoreIntervalMs: 100_000 });
    await broker.publish(messageOf("m"), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    await (await take(consumer, 1))[0]?.reject({ requeue: true });
    const [counted] = await take(consumer, 1);
    await consumer[Symbol.asyncDispose]();
    await counted?.restore();
    expect(await kombu("abandon", redis.url, "q", "1")).toMatchObject([{ id: "m", redelivered: true }]);
    const [tag = ""] = await raw.hkeys("unacked");
    await raw.zadd("unacked_index", LONG_AGO, tag);
    const [delivery] = await take(await open().consume({ queues: [queueOf("q")], prefetch: 1 }), 1);
    expect([idOf(delivery), delivery?.deliveryCount]).toEqual(["m", 2]);
  });

  it.skipIf(!hasKombu)("restores what a killed Python worker held", async () => {
    await open({ restoreIntervalMs: 100_000 }).publish(messageOf("left by python", 6), routeTo("q"));
    expect(await kombu("abandon", redis.url, "q", "1")).toMatchObject([{ id: "left by python", redelivered: false }]);
    const [tag = ""] = await raw.hkeys("unacked");
    await raw.zadd("unacked_index", LONG_AGO, tag);
    const consumer = await open().consume({ queues: [queueOf("q")], prefetch: 1 });
    const [delivery] = await take(consumer, 1);
    expect([idOf(delivery), delivery?.redelivered, delivery?.message?.properties.priority]).toEqual([
      "left by python",
      true,
      6,
    ]);
  });

  it("refuses the ack of a claim that was restored meanwhile", async () => {
    const broker = open();
    await broker.publish(messageOf("t1"), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 2 });
    const [stale] = await take(consumer, 1);
    await raw.zadd("unacked_index", LONG_AGO, stale?.deliveryTag ?? "");
    const [fresh] = await take(consumer, 1);
    expect([idOf(fresh), fresh?.deliveryTag === stale?.deliveryTag]).toEqual(["t1", false]);
    await expect(stale?.ack()).rejects.toMatchObject({ code: "LEASE_LOST", retryable: false });
    await fresh?.ack();
  });
});
