import type { Broker } from "@celeriac/core/ports";
import type { Message } from "@celeriac/core/protocol";
import type { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { redisBroker } from "../src/index.js";
import { hasKombu, idOf, kombu, messageOf, queueOf, routeTo, take } from "./broker-lab.js";

describe.skipIf(!hasRedisServer)("kombu's layout", () => {
  let redis: RedisFixture;
  let raw: Redis;
  let broker: Broker;

  beforeAll(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await raw.flushall();
    broker = redisBroker(redis.url, { visibilityTimeout: 3600 });
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  it("publishes the envelope, the priority list and the binding of PROTOCOL 5.1 to 5.3", async () => {
    await broker.publish(messageOf("t1", 4), { ...routeTo("celery"), queue: queueOf("celery") });
    expect((await raw.keys("*")).sort()).toEqual([
      "_kombu.binding.celery",
      "_kombu.binding_permanent.celery",
      "celery\x06\x163",
    ]);
    expect(await raw.smembers("_kombu.binding.celery")).toEqual(["celery\x06\x16\x06\x16celery"]);
    const envelope = JSON.parse((await raw.rpop("celery\x06\x163")) ?? "");
    expect(envelope).toEqual({
      body: Buffer.from(messageOf("t1").body).toString("base64"),
      "content-encoding": "utf-8",
      "content-type": "application/json",
      headers: { lang: "js", task: "lab.noop", id: "t1" },
      properties: {
        correlation_id: "t1",
        reply_to: "",
        delivery_mode: 2,
        delivery_info: { exchange: "", routing_key: "celery" },
        priority: 4,
        body_encoding: "base64",
        delivery_tag: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });

  it("holds a claimed message as [envelope, exchange, routing key], indexed by the server's time", async () => {
    await broker.publish(messageOf("t1"), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    const [delivery] = await take(consumer, 1);
    const [[tag, record]] = Object.entries(await raw.hgetall("unacked")) as [[string, string]];
    expect(tag).toBe(delivery?.deliveryTag);
    const [envelope, exchange, routingKey] = JSON.parse(record);
    expect([envelope.headers.id, exchange, routingKey]).toEqual(["t1", "", "q"]);
    const score = Number(await raw.zscore("unacked_index", tag));
    const [seconds] = await raw.time();
    expect(Math.abs(score - Number(seconds))).toBeLessThan(5);
    await delivery?.ack();
    expect(await raw.exists("unacked", "unacked_index", "q")).toBe(0);
  });

  it("leaves nothing behind when a message is dropped, requeued or restored", async () => {
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    await broker.publish(messageOf("t1", 9), routeTo("q"));
    const [first] = await take(consumer, 1);
    await first?.restore();
    const [second] = await take(consumer, 1);
    await second?.reject({ requeue: true });
    const [third] = await take(consumer, 1);
    expect([idOf(third), third?.redelivered]).toEqual(["t1", true]);
    await third?.reject({ requeue: false });
    expect(await raw.exists("unacked", "unacked_index", "q", "q\x06\x169")).toBe(0);
  });

  it("gives every queue of a claim its share", async () => {
    for (let i = 0; i < 20; i += 1) await broker.publish(messageOf(`a${i}`), routeTo("a"));
    await broker.publish(messageOf("b0"), routeTo("b"));
    const consumer = await broker.consume({ queues: [queueOf("a"), queueOf("b")], prefetch: 10 });
    const ids = (await take(consumer, 10)).map(idOf);
    expect(ids).toContain("b0");
  });

  it("takes from the most urgent list of any queue first", async () => {
    await broker.publish(messageOf("late", 9), routeTo("a"));
    await broker.publish(messageOf("soon", 3), routeTo("b"));
    await broker.publish(messageOf("now", 0), routeTo("b"));
    const consumer = await broker.consume({ queues: [queueOf("a"), queueOf("b")], prefetch: 1 });
    const order: unknown[] = [];
    for (let i = 0; i < 3; i += 1) {
      const [delivery] = await take(consumer, 1);
      order.push(idOf(delivery));
      await delivery?.ack();
    }
    expect(order).toEqual(["now", "soon", "late"]);
  });

  it("waits without polling, and does not spin while the window is full", async () => {
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    await broker.publish(messageOf("t1"), routeTo("q"));
    await broker.publish(messageOf("t2"), routeTo("q"));
    const [held] = await take(consumer, 1);
    const calls = async () => Number(/total_commands_processed:(\d+)/.exec(await raw.info("stats"))?.[1]);
    const callsOfAWhile = async () => {
      const before = await calls();
      await new Promise((resolve) => setTimeout(resolve, 300));
      return (await calls()) - before;
    };
    // What was under way ends some time, and on a busy machine a lease may be renewed in between: one that spins is never quiet.
    await vi.waitFor(async () => expect(await callsOfAWhile()).toBeLessThanOrEqual(3), { timeout: 10_000 }); // ours: INFO
    await held?.ack();
  });

  it("caps and counts dead letters", async () => {
    const small = redisBroker(redis.url, { deadLetterLimit: 2 });
    for (const id of ["1", "2", "3"]) {
      const rest = { queue: "q", reason: "E_BODY", detail: "", worker: "w", raw: "" };
      await small.deadLetters.add({ id, at: Number(id), ...rest });
    }
    expect((await small.deadLetters.list()).map((record) => record.id)).toEqual(["3", "2"]);
    expect(await raw.get("celeriac.dead-letter.dropped")).toBe("1");
    await small[Symbol.asyncDispose]();
  });

  describe.skipIf(!hasKombu)("with Python on the other side", () => {
    it("kombu consumes what we publish, priorities in order", async () => {
      await broker.publish(messageOf("low", 9), { ...routeTo("py"), queue: queueOf("py") });
      await broker.publish(messageOf("high", 0), routeTo("py"));
      const seen = await kombu("consume", redis.url, "py", "2");
      expect(seen).toMatchObject([
        { id: "high", priority: 0, redelivered: false },
        { id: "low", priority: 9, body: [[], {}, expect.anything()] },
      ]);
    });

    it("kombu consumes what we restore and requeue, flagged, from the bucket it was in", async () => {
      await broker.publish(messageOf("t1", 6), routeTo("py"));
      const consumer = await broker.consume({ queues: [queueOf("py")], prefetch: 1 });
      const [delivery] = await take(consumer, 1);
      await consumer[Symbol.asyncDispose]();
      await delivery?.restore();
      expect(await raw.llen("py\x06\x166")).toBe(1);
      expect(await kombu("consume", redis.url, "py", "1")).toMatchObject([
        { id: "t1", redelivered: true, priority: 6 },
      ]);
    });

    it("we consume what kombu publishes", async () => {
      await kombu("publish", redis.url, "py", "from-python", "3");
      const consumer = await broker.consume({ queues: [queueOf("py")], prefetch: 1 });
      const [delivery] = await take(consumer, 1);
      expect(idOf(delivery)).toBe("from-python");
      await delivery?.ack();
    });

    it("we hear kombu's broadcasts", async () => {
      const heard = new Promise<Message>((resolve) => {
        const queue = { name: "lab.pidbox", exchange: { name: "lab", type: "fanout" as const }, routingKey: "" };
        broker.fanout?.listen(queue, resolve).then(() => kombu("broadcast", redis.url, "lab", "shout"));
      });
      expect((await heard).headers.id).toBe("shout");
    });
  });
});
