import type { Broker, OncePublisher } from "@celeriac/core/ports";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { type RedisBrokerOptions, redisBroker } from "../src/index.js";
import { messageOf, queueOf, routeTo } from "./broker-lab.js";

describe.skipIf(!hasRedisServer)("publishing once to Redis", () => {
  let redis: RedisFixture;
  let raw: Redis;
  const opened: Broker[] = [];

  const open = (options: RedisBrokerOptions = {}): Broker & { readonly once: OncePublisher } => {
    const broker = redisBroker(redis.url, options);
    opened.push(broker);
    const { once } = broker;
    if (once === undefined) throw new Error("no once");
    return Object.assign(broker, { once });
  };

  beforeEach(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterEach(async () => {
    redis.resume();
    await Promise.all(opened.splice(0).map((broker) => broker[Symbol.asyncDispose]()));
    await redis.stop();
  });

  it("remembers the key for a day, under the prefix", async () => {
    await open({ globalKeyprefix: "shop:" }).once.publish(messageOf("m1"), routeTo("jobs"), "body-1");
    expect((await raw.keys("*")).sort()).toEqual(["shop:celeriac.once.body-1", "shop:jobs"]);
    const ttl = await raw.ttl("shop:celeriac.once.body-1");
    expect(ttl).toBeGreaterThan(86_390);
    expect(ttl).toBeLessThanOrEqual(86_400);
  });

  it("writes what any publish writes, but for the delivery tag", async () => {
    const broker = open();
    const queue = queueOf("jobs");
    const route = { exchange: "jobs", routingKey: "jobs", exchangeType: "direct" as const, queue };
    const written = async (): Promise<unknown> => {
      const keys = (await raw.keys("*")).filter((key) => !key.startsWith("celeriac.once.")).sort();
      const bindings = await raw.smembers("_kombu.binding.jobs");
      const [text = "{}"] = await raw.lrange("jobs\x06\x163", 0, -1);
      const envelope: unknown = JSON.parse(text.replace(/"delivery_tag": ?"[^"]*"/, '"delivery_tag":""'));
      return { keys, bindings, envelope };
    };
    await broker.publish(messageOf("m1", 5), route);
    const plain = await written();
    await raw.flushall();
    await broker.once.publish(messageOf("m1", 5), route, "key");
    expect(await written()).toEqual(plain);
    expect(plain).toMatchObject({
      keys: expect.arrayContaining(["jobs\x06\x163"]),
      envelope: { properties: { priority: 5 } },
    });
  });

  it("a list of a wrong type refuses the message everywhere, and leaves its key free", async () => {
    const { once, queues } = open();
    const exchange = { name: "events", type: "fanout" as const };
    for (const name of ["a", "b"])
      await queues.declare({ name, exchange: { ...exchange, type: "direct" }, routingKey: "x" });
    await raw.set("b", "not a list");
    const route = { exchange: "events", routingKey: "x" };
    await expect(once.publish(messageOf("m1"), route, "key")).rejects.toMatchObject({ code: "BROKER_REFUSED" });
    expect(await raw.exists("a")).toBe(0);
    await raw.del("b");
    expect(await once.publish(messageOf("m1"), route, "key")).toBe(true);
    expect([await raw.llen("a"), await raw.llen("b")]).toEqual([1, 1]);
  });

  it("a server out of memory refuses, retryably, and the key stays free", async () => {
    const { once } = open();
    await once.publish(messageOf("m0"), routeTo("jobs"), "first");
    await raw.config("SET", "maxmemory", "1mb");
    const refusal = { code: "BROKER_REFUSED", retryable: true };
    await expect(once.publish(messageOf("m1"), routeTo("jobs"), "key")).rejects.toMatchObject(refusal);
    await raw.config("SET", "maxmemory", "0");
    expect(await once.publish(messageOf("m1"), routeTo("jobs"), "key")).toBe(true);
  });

  it("writes nothing after its caller was told that it failed, while it still looked up the queues", async () => {
    const broker = open();
    await broker.queues.declare({ name: "jobs", exchange: { name: "events", type: "direct" }, routingKey: "x" });
    redis.pause();
    const route = { exchange: "events", routingKey: "x" };
    const late = broker.once.publish(messageOf("m1"), route, "key", { timeoutMs: 100 });
    await expect(late).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    redis.resume();
    expect(await broker.once.publish(messageOf("m2"), route, "other")).toBe(true);
    expect(await raw.llen("jobs")).toBe(1);
    expect(await raw.exists("celeriac.once.key")).toBe(0);
  });

  it("a publish whose answer was lost with the connection is stored once when it is repeated", async () => {
    const { once } = open();
    await once.publish(messageOf("m0"), routeTo("jobs"), "warm");
    redis.pause();
    const inDoubt = once.publish(messageOf("m1"), routeTo("jobs"), "key", { timeoutMs: 100 });
    await expect(inDoubt).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT", retryable: true });
    redis.resume();
    expect(await once.publish(messageOf("m1"), routeTo("jobs"), "key")).toBe(false);
    expect(await raw.llen("jobs")).toBe(2);
  });
});
