import type { Broker } from "@celeriac/core/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { freePort, hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { type RedisBrokerOptions, redisBroker } from "../src/index.js";
import { messageOf, queueOf, routeTo } from "./broker-lab.js";

describe.skipIf(!hasRedisServer)("publishing, also to a server that is away", () => {
  let redis: RedisFixture;
  const opened: Broker[] = [];

  const open = (options: RedisBrokerOptions = {}): Broker => {
    const broker = redisBroker(redis.url, options);
    opened.push(broker);
    return broker;
  };

  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((broker) => broker[Symbol.asyncDispose]()));
    await redis.stop();
  });

  it("a publish without a server is refused within its deadline", async () => {
    const broker = redisBroker(`redis://127.0.0.1:${await freePort()}/0`, { publishTimeoutMs: 300 });
    opened.push(broker);
    const startedAt = performance.now();
    await expect(broker.publish(messageOf("t"), routeTo("q"))).rejects.toMatchObject({
      code: "BROKER_UNAVAILABLE",
      retryable: true,
      message: expect.stringContaining("ECONNREFUSED"),
    });
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  it("what was refused while the server was away is not stored later", async () => {
    const broker = open({ publishTimeoutMs: 200 });
    await broker.publish(messageOf("before"), routeTo("q"));
    await redis.kill();
    await expect(broker.publish(messageOf("refused"), routeTo("q"))).rejects.toMatchObject({ retryable: true });
    await redis.start();
    await broker.publish(messageOf("after"), routeTo("q"), { timeoutMs: 10_000 });
    const stored = (await redis.client().lrange("q", 0, -1)).map((text) => JSON.parse(text).headers.id);
    expect(stored).not.toContain("refused");
    expect(stored).toContain("after");
  });

  it("a publish with a deadline of its own is not stored later either, and says where to and why", async () => {
    const broker = open();
    await broker.publish(messageOf("before"), routeTo("q"));
    await redis.kill();
    await expect(broker.publish(messageOf("refused"), routeTo("q"), { timeoutMs: 100 })).rejects.toMatchObject({
      code: "BROKER_UNAVAILABLE",
      message: expect.stringContaining(`Redis at 127.0.0.1:${redis.port} is not reachable`),
    });
    const patient = broker.publish(messageOf("patient"), routeTo("q"));
    await redis.start();
    await patient;
    const stored = (await redis.client().lrange("q", 0, -1)).map((text) => JSON.parse(text).headers.id);
    expect(stored).toEqual(["patient"]);
  });

  it("a publish during a short outage waits for the server", async () => {
    const broker = open();
    await broker.publish(messageOf("before"), routeTo("q"));
    await redis.kill();
    const publishing = broker.publish(messageOf("patient"), routeTo("q"));
    publishing.catch(() => undefined);
    await redis.start();
    await publishing;
    expect(await redis.client().llen("q")).toBe(1);
  });

  it("a message that was written alone and never confirmed may be stored, and the error says so", async () => {
    const broker = open();
    await broker.publish(messageOf("before"), routeTo("q"));
    redis.pause();
    const publishing = broker.publish(messageOf("unconfirmed"), routeTo("q"));
    publishing.catch(() => undefined);
    await redis.kill();
    await expect(publishing).rejects.toMatchObject({ code: "PUBLISH_UNCONFIRMED", retryable: true });
  });

  it("messages of one turn are stored in the order of asking, though the first one goes ahead", async () => {
    const broker = open();
    const queue = queueOf("q");
    await broker.queues.declare(queue);
    const bound = { exchange: "q", routingKey: "q", exchangeType: "direct" as const, queue };
    for (const routes of [
      [bound, routeTo("q"), routeTo("q"), routeTo("q")], // the first one has to look up its bindings
      [routeTo("q"), bound, routeTo("q"), bound],
    ]) {
      await redis.client().del("q");
      await broker.publish(messageOf("0"), routeTo("q"));
      await new Promise((resolve) => setImmediate(resolve)); // whatever that send left behind is over
      await Promise.all(routes.map((route, index) => broker.publish(messageOf(String(index + 1)), route)));
      const stored = (await redis.client().lrange("q", 0, -1)).map((text) => JSON.parse(text).headers.id);
      expect(stored.reverse()).toEqual(["0", "1", "2", "3", "4"]);
    }
  });

  it("a publish that a frozen server does not answer ends as a timeout", async () => {
    const broker = open({ publishTimeoutMs: 300 });
    await broker.queues.length("q");
    redis.pause();
    await expect(broker.publish(messageOf("t"), routeTo("q"))).rejects.toMatchObject({
      code: "PUBLISH_TIMEOUT",
      retryable: true,
    });
    redis.resume();
  });
});
