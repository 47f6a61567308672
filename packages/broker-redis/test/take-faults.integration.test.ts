import type { Broker, Consumer } from "@celeriac/core/ports";
import type { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { redisBroker } from "../src/index.js";
import { PUT_BACK_SCRIPT, TAKE_SCRIPT, UNDO_SCRIPT } from "../src/take/take-scripts.js";
import { eventually, idOf, messageOf, queueOf, take } from "./broker-lab.js";
import { type FaultProxy, startProxy } from "./fault-proxy.js";
import { commandNow, contents, openTaking, untilIdle } from "./take-lab.js";

describe.skipIf(!hasRedisServer)("faults while a message is taken", () => {
  let redis: RedisFixture;
  let raw: Redis;
  let proxy: FaultProxy;
  const opened: Broker[] = [];

  const open = (url: string): Broker => {
    const broker = redisBroker(url);
    opened.push(broker);
    return broker;
  };

  beforeEach(async () => {
    redis = await startRedis();
    raw = redis.client();
    proxy = await startProxy(redis.port);
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((broker) => broker[Symbol.asyncDispose]()));
    await proxy.stop();
    await redis.stop();
  });

  /** Runs every script once, so that the server knows their digests and the proxy can tell them apart. */
  const loadScripts = async (): Promise<void> => {
    for (const { lua } of [TAKE_SCRIPT, UNDO_SCRIPT, PUT_BACK_SCRIPT]) await raw.script("LOAD", lua);
  };
  const failureOf = async (consumer: Consumer): Promise<unknown> => {
    try {
      for await (const _batch of consumer);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it("puts the message back, once, when the answer to the take is lost", async () => {
    await loadScripts();
    const broker = open(proxy.url);
    const failed = failureOf(await openTaking(broker));
    await untilIdle(raw);
    proxy.swallowAnswerTo(TAKE_SCRIPT.sha);
    await raw.lpush("q", envelopeOf("t"));
    await eventually(async () => (await raw.exists("q")) === 0);
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 }); // taken, and nobody knows
    proxy.cut();
    expect(await failed).toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true });
    await eventually(async () => (await raw.llen("q")) === 1);
    expect(await contents(raw)).toEqual({ waiting: ["t!"], held: 0 });
    const [delivery] = await take(await openTaking(broker), 1);
    expect([idOf(delivery), delivery?.redelivered]).toEqual(["t", true]);
    await delivery?.ack();
    expect(await contents(raw)).toEqual({ waiting: [], held: 0 });
  });

  it("takes again once the doubt is settled, and claims until then", async () => {
    await loadScripts();
    const broker = open(proxy.url);
    const failed = failureOf(await openTaking(broker));
    await untilIdle(raw);
    proxy.swallowAnswerTo(TAKE_SCRIPT.sha);
    await raw.lpush("q", envelopeOf("t"));
    await eventually(async () => (await raw.exists("q")) === 0);
    proxy.cut();
    await failed;
    await eventually(async () => (await raw.llen("q")) === 1);
    await raw.del("q");
    const consumer = await openTaking(broker);
    const arriving = take(consumer, 1);
    await untilIdle(raw);
    await raw.lpush("q", envelopeOf("next"));
    expect(await arriving).toEqual([expect.objectContaining({ isTaken: true })]);
  });

  it("puts a taken message back once, though the answer to that was lost", async () => {
    await loadScripts();
    const broker = open(proxy.url);
    const consumer = await openTaking(broker);
    const arriving = take(consumer, 1);
    await untilIdle(raw);
    await raw.lpush("q", envelopeOf("t"));
    const [delivery] = await arriving;
    await consumer[Symbol.asyncDispose]();
    proxy.swallowAnswerTo(PUT_BACK_SCRIPT.sha);
    const back = delivery?.restore();
    await eventually(async () => (await raw.llen("q")) === 1);
    proxy.cut();
    await back;
    expect(await contents(raw)).toEqual({ waiting: ["t!"], held: 0 });
  });

  it("puts a taken message back when the server is there again", async () => {
    const broker = open(proxy.url);
    const consumer = await openTaking(broker);
    const arriving = take(consumer, 1);
    await untilIdle(raw);
    await raw.lpush("q", envelopeOf("t"));
    const [delivery] = await arriving;
    proxy.cut();
    await delivery?.reject({ requeue: true });
    expect(await contents(raw)).toEqual({ waiting: ["t!"], held: 0 });
  });

  describe("the scripts", () => {
    const KEPT = 60;
    const takeOnce = (number: number, message: string, ...before: readonly string[]): Promise<unknown> =>
      raw.eval(TAKE_SCRIPT.lua, 2 + before.length, "mark", "q", ...before, message, number, KEPT);
    const undo = (number: number, message: string): Promise<unknown> =>
      raw.eval(UNDO_SCRIPT.lua, 2, "mark", "q", `${message}!`, number, KEPT);

    it("take nothing but the very message that was looked at", async () => {
      await raw.lpush("q", "a", "b");
      expect(await takeOnce(1, "b")).toBe(-1);
      expect(await takeOnce(1, "a")).toBe(1);
      expect(await raw.lrange("q", 0, -1)).toEqual(["b"]);
    });

    it("take nothing while a list that is served before has messages", async () => {
      await raw.lpush("q", "a");
      await raw.lpush("urgent", "u");
      expect(await takeOnce(1, "a", "urgent", "other")).toBe(-1);
      await raw.del("urgent");
      expect(await takeOnce(1, "a", "urgent", "other")).toBe(0);
    });

    it("take once, though a client sends it twice and the same bytes wait again", async () => {
      await raw.lpush("q", "a", "a");
      expect(await takeOnce(1, "a")).toBe(1);
      expect(await takeOnce(1, "a")).toBe(1);
      expect(await raw.llen("q")).toBe(1);
    });

    it("refuse a take that arrives after it was undone", async () => {
      await raw.lpush("q", "a");
      expect(await undo(5, "a")).toBe(0);
      expect(await takeOnce(5, "a")).toBe(-1);
      expect(await takeOnce(7, "a")).toBe(0);
    });

    it("undo once, however often they are asked", async () => {
      await raw.lpush("q", "a");
      await takeOnce(5, "a");
      expect(await undo(5, "a")).toBe(1);
      expect(await undo(5, "a")).toBe(0);
      expect(await raw.lrange("q", 0, -1)).toEqual(["a!"]);
    });

    it("pop nothing when the list is no list, or when the server is out of memory", async () => {
      await raw.set("q", "text");
      await expect(takeOnce(1, "a")).rejects.toThrow("WRONGTYPE");
      await raw.del("q");
      await raw.lpush("q", "a");
      await raw.config("SET", "maxmemory", "1");
      await expect(takeOnce(1, "a")).rejects.toThrow("OOM");
      await raw.config("SET", "maxmemory", "0");
      expect(await raw.lrange("q", 0, -1)).toEqual(["a"]);
    });
  });

  it("serves first what became more urgent between the look and the take", async () => {
    const broker = open(redis.url);
    let asked = 0;
    const consumer = await openTaking(broker, () => {
      asked += 1;
      if (asked === 1) commandNow(redis.port, "LPUSH", "q", envelopeOf("urgent"));
      return true;
    });
    const arriving = take(consumer, 2);
    await untilIdle(raw);
    await raw.lpush("q\x06\x169", envelopeOf("patient", 9));
    expect((await arriving).map(idOf)).toEqual(["urgent", "patient"]);
  });

  it("leaves to others what they popped between the look and the take", async () => {
    const broker = open(redis.url);
    const asked: unknown[] = [];
    const consumer = await openTaking(broker, (delivery) => {
      asked.push(idOf(delivery));
      if (asked.length === 1) commandNow(redis.port, "RPOP", "q");
      return true;
    });
    const arriving = take(consumer, 1);
    await untilIdle(raw);
    await raw.lpush("q", envelopeOf("stolen"));
    await eventually(async () => asked.length === 1 && (await raw.exists("q")) === 0);
    await untilIdle(raw);
    await raw.lpush("q", envelopeOf("t"));
    expect((await arriving).map(idOf)).toEqual(["t"]);
    expect(asked).toEqual(["stolen", "t"]);
  });

  function envelopeOf(id: string, priority = 0): string {
    const { headers, properties } = messageOf(id, priority);
    return JSON.stringify({
      body: "W10=",
      "content-type": "application/json",
      "content-encoding": "utf-8",
      headers,
      properties: {
        ...properties,
        body_encoding: "base64",
        delivery_tag: id,
        delivery_info: { routing_key: queueOf("q").name },
      },
    });
  }
});
