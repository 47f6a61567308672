import type { Broker, Consumer } from "@celeriac/core/ports";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { CLAIM_SCRIPT } from "../src/consume/claim-script.js";
import { type RedisBrokerOptions, redisBroker } from "../src/index.js";
import { ACK_SCRIPT } from "../src/unacked/settle-scripts.js";
import { eventually, idOf, messageOf, queueOf, routeTo, take } from "./broker-lab.js";

import { startProxy } from "./fault-proxy.js";

describe.skipIf(!hasRedisServer)("faults", () => {
  let redis: RedisFixture;
  let raw: Redis;
  const opened: Broker[] = [];

  const open = (options: RedisBrokerOptions = {}): Broker => {
    const broker = redisBroker(redis.url, options);
    opened.push(broker);
    return broker;
  };

  beforeEach(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((broker) => broker[Symbol.asyncDispose]()));
    await redis.stop();
  });

  async function failureOf(consumer: Consumer): Promise<unknown> {
    try {
      for await (const _batch of consumer);
    } catch (error) {
      return error;
    }
    return undefined;
  }

  it("a cut connection ends the iteration once; the deliveries stay ours, and consuming again works", async () => {
    const broker = open();
    await broker.publish(messageOf("held"), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 2 });
    const [held] = await take(consumer, 1);
    await raw.call("client", "kill", "type", "normal", "skipme", "yes");
    expect(await failureOf(consumer)).toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    expect(await failureOf(consumer)).toBeUndefined();
    await held?.ack();
    const again = await broker.consume({ queues: [queueOf("q")], prefetch: 2 });
    await broker.publish(messageOf("next"), routeTo("q"));
    expect((await take(again, 1)).map(idOf)).toEqual(["next"]);
    expect(await raw.hlen("unacked")).toBe(1);
  });

  it("consumes again after the server was restarted, idle consumers too", async () => {
    const broker = open();
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    const failed = failureOf(consumer);
    await redis.kill();
    expect(await failed).toMatchObject({ retryable: true });
    const consuming = broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    await redis.start();
    const again = await consuming;
    await broker.publish(messageOf("next"), routeTo("q"));
    expect((await take(again, 1)).map(idOf)).toEqual(["next"]);
    expect(await redis.client().smembers("_kombu.binding.q")).toHaveLength(1);
  });

  it("a lost peek connection does not hide a message", async () => {
    const broker = open();
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    await eventually(async () => String(await raw.client("LIST")).split("cmd=blmove").length === 5);
    for (const line of String(await raw.client("LIST")).split("\n")) {
      const id = /^id=(\d+) .*cmd=blmove/.exec(line)?.[1];
      if (id !== undefined) await raw.client("KILL", "ID", id);
    }
    await broker.publish(messageOf("t"), routeTo("q"));
    expect((await take(consumer, 1)).map(idOf)).toEqual(["t"]);
  });

  it("gives back what a claim took whose answer was lost", async () => {
    const proxy = await startProxy(redis.port);
    const broker = redisBroker(proxy.url);
    opened.push(broker);
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 10 });
    const failed = failureOf(consumer);
    await eventually(async () => String(await raw.client("LIST")).split("cmd=blmove").length === 5);
    proxy.swallowAnswerTo(CLAIM_SCRIPT.sha);
    await open().publish(messageOf("t"), routeTo("q"));
    await eventually(async () => (await raw.hlen("unacked")) === 1);
    proxy.cut();
    expect(await failed).toMatchObject({ code: "BROKER_UNAVAILABLE" });
    await eventually(async () => (await raw.llen("q")) === 1 && (await raw.hlen("unacked")) === 0);
    await proxy.stop();
  });

  it("an ack whose answer was lost is confirmed once the server is back", async () => {
    const proxy = await startProxy(redis.port);
    const broker = redisBroker(proxy.url);
    opened.push(broker);
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    for (const id of ["first", "second"]) await broker.publish(messageOf(id), routeTo("q"));
    await (await take(consumer, 1))[0]?.ack(); // so that the server knows the script
    const [delivery] = await take(consumer, 1);
    proxy.swallowAnswerTo(ACK_SCRIPT.sha);
    const acked = delivery?.ack();
    await eventually(async () => (await raw.hlen("unacked")) === 0);
    proxy.cut();
    await acked;
    await proxy.stop();
  });

  it("an ack that was given up unanswered is known to have got through when it is asked again", async () => {
    const proxy = await startProxy(redis.port);
    const broker = redisBroker(proxy.url, { visibilityTimeout: 3 }); // an ack is tried for a third of it
    opened.push(broker);
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 2 });
    for (const id of ["first", "second", "third"]) await broker.publish(messageOf(id), routeTo("q"));
    const [first, ours] = await take(consumer, 2);
    await first?.ack(); // so that the server knows the script
    const [others] = await take(consumer, 1);
    proxy.swallowAnswerTo(ACK_SCRIPT.sha);
    const acked = ours?.ack();
    await eventually(async () => (await raw.hlen("unacked")) === 1);
    proxy.refuse(true);
    proxy.cut();
    await expect(acked).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    proxy.refuse(false);
    await broker.publish(messageOf("back"), routeTo("other"));
    await raw.hdel("unacked", others?.deliveryTag ?? "");
    await ours?.ack();
    await expect(others?.ack()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await proxy.stop();
  });

  it("a claim that could not be renewed in time is lost, even if the server is back, and its ack proves nothing", async () => {
    const proxy = await startProxy(redis.port);
    const broker = redisBroker(proxy.url, { visibilityTimeout: 1 });
    opened.push(broker);
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 3 });
    for (const id of ["a", "b", "c"]) await broker.publish(messageOf(id), routeTo("q"));
    const held = await take(consumer, 3);
    expect(held.map(({ isLost }) => isLost)).toEqual([false, false, false]);
    proxy.refuse(true);
    proxy.cut();
    const unsent = expect(held[0]?.ack()).rejects.toMatchObject({ retryable: true });
    const other = redisBroker(redis.url, { visibilityTimeout: 1, restoreIntervalMs: 100 });
    opened.push(other);
    const stolen = await take(await other.consume({ queues: [queueOf("q")], prefetch: 2 }), 2);
    expect(stolen.map(idOf)).toEqual(["a", "b"]);
    await unsent;
    await eventually(async () => (await raw.llen("q")) === 1); // "c" is back, too
    expect(held.map(({ isLost }) => isLost)).toEqual([true, true, true]);
    await expect(held[1]?.restore()).rejects.toMatchObject({ code: "BROKER_UNAVAILABLE" });
    proxy.refuse(false);
    await broker.publish(messageOf("back"), routeTo("other"));
    await expect(held[1]?.restore()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await expect(held[0]?.ack()).rejects.toMatchObject({ code: "LEASE_LOST" });
    await Promise.all(stolen.map((delivery) => delivery.ack()));
    expect(held[2]?.isLost).toBe(true);
    await proxy.stop();
  });

  it("survives SCRIPT FLUSH without an error", async () => {
    const broker = open();
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    for (const id of ["a", "b", "c"]) {
      await raw.script("FLUSH");
      await broker.publish(messageOf(id), routeTo("q"));
      const [delivery] = await take(consumer, 1);
      expect(idOf(delivery)).toBe(id);
      await raw.script("FLUSH");
      await delivery?.ack();
    }
  });

  it("a server out of memory refuses, retryably, and still hands out and takes acks", async () => {
    const broker = open();
    for (let i = 0; i < 50; i += 1) await broker.publish(messageOf(`t${i}`), routeTo("q"));
    await raw.config("SET", "maxmemory-policy", "noeviction");
    await raw.config("SET", "maxmemory", "1mb");
    await expect(broker.publish(messageOf("refused"), routeTo("q"))).rejects.toMatchObject({
      code: "BROKER_REFUSED",
      retryable: true,
      message: expect.stringContaining("OOM"),
    });
    const many = await broker.publishMany([[messageOf("refused"), routeTo("q")]]);
    expect(many[0]?.status).toBe("rejected");
    const consumer = await broker
      .consume({ queues: [queueOf("q")], prefetch: Number.POSITIVE_INFINITY })
      .catch((error: unknown) => error);
    expect(consumer).toMatchObject({ code: "BROKER_REFUSED", retryable: true }); // its binding cannot be written
    await raw.config("SET", "maxmemory", "0");
    const again = await broker.consume({ queues: [queueOf("q")], prefetch: Number.POSITIVE_INFINITY });
    await raw.config("SET", "maxmemory", "1mb");
    const deliveries = await take(again, 50);
    await deliveries[0]?.restore();
    await Promise.all(deliveries.slice(2).map((delivery) => delivery.ack()));
    await deliveries[1]?.reject({ requeue: true });
    await again[Symbol.asyncDispose]();
    await raw.config("SET", "maxmemory", "0");
    expect(await broker.queues.length("q")).toBe(2);
  });

  it("keys of a wrong type are refused for good, and lose nothing", async () => {
    const broker = open();
    await broker.publish(messageOf("t"), routeTo("q"));
    await raw.set("unacked", "not a hash");
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    expect(await failureOf(consumer)).toMatchObject({ code: "BROKER_REFUSED", retryable: false });
    expect(await raw.llen("q")).toBe(1);
    await raw.del("unacked");
    await raw.set("q2", "not a list");
    await expect(broker.publish(messageOf("t"), routeTo("q2"))).rejects.toMatchObject({
      code: "BROKER_REFUSED",
      retryable: false,
    });
  });

  it("listeners of a fanout hear again after a cut", async () => {
    const broker = open();
    const heard: unknown[] = [];
    const queue = { name: "n.pidbox", exchange: { name: "pidbox", type: "fanout" as const }, routingKey: "" };
    await broker.fanout?.listen(queue, (message) => heard.push(message.headers.id));
    await raw.call("client", "kill", "type", "pubsub");
    await eventually(async () => {
      await broker.fanout?.broadcast(messageOf("again"), "pidbox", "");
      return heard.includes("again");
    });
  });

  it("takes a client of the caller's, and leaves it open", async () => {
    const client = redis.client();
    const broker = redisBroker(client);
    await broker.publish(messageOf("t"), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    const [delivery] = await take(consumer, 1);
    await delivery?.ack();
    await broker[Symbol.asyncDispose]();
    expect(await client.ping()).toBe("PONG");
  });

  it("closes every connection it opened", async () => {
    const broker = redisBroker(redis.url);
    await broker.publish(messageOf("t"), routeTo("q"));
    await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    const queue = { name: "n.pidbox", exchange: { name: "pidbox", type: "fanout" as const }, routingKey: "" };
    await broker.fanout?.listen(queue, () => undefined);
    await broker[Symbol.asyncDispose]();
    await eventually(
      async () =>
        String(await raw.client("LIST"))
          .trim()
          .split("\n").length === 1,
    );
  });
});
