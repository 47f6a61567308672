/**
 * Early acks that a cut leaves in doubt: the body starts once or not at all, whatever became of the ack. RELIABILITY G3.
 * @module
 */
import { spawnSync } from "node:child_process";
import { amqpBroker } from "@celeriac/broker-amqp";
import { redisBroker } from "@celeriac/broker-redis";
import type { LogEntry } from "@celeriac/core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type OwnRabbit, startRabbit } from "../src/driver/rabbit-server.js";
import { findRedisServer, type OwnRedis, startRedis } from "../src/driver/redis-server.js";
import { FaultProxy } from "../src/proxy/fault-proxy.js";
import { ownQueue, serverFolder, workerScene } from "./worker-scene.js";

const binary = findRedisServer(process.env);
const hasRabbit = spawnSync("rabbitmqctl", ["--version"]).error === undefined;
const LIMIT_MS = 60_000;
const { dir, remove } = serverFolder();
afterAll(remove);

/** A script over the two keys of what is unacknowledged, whose arguments begin with a tag. */
const REDIS_ACK = /\$1\r\n2\r\n\$7\r\nunacked\r\n\$13\r\nunacked_index\r\n\$\d+\r\n[\w-]{16}\.\d/;

describe.skipIf(binary === undefined)("an early ack to Redis", () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedis(binary ?? "", dir);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it.each(["before", "after"] as const)(
    "that is cut %s the server has executed it starts the body once",
    { timeout: LIMIT_MS },
    async (when) => {
      await using proxy = await FaultProxy.listen({ host: redis.host, port: redis.port });
      const queue = ownQueue();
      const { worker, started, send, app } = workerScene({
        broker: redisBroker(`redis://127.0.0.1:${proxy.port}/0`),
        queue,
      });
      await send(0, 1, 2); // several, so that they are claimed, and not taken in one step
      await worker.start();
      await vi.waitFor(() => expect(started).toHaveLength(3), 10_000); // the server knows the script from now on
      const cut = proxy.cutOn(REDIS_ACK, when);
      await send(3, 4, 5);
      await cut;
      await vi.waitFor(() => expect(started.toSorted()).toEqual([0, 1, 2, 3, 4, 5]), 10_000);
      await worker.stop(); // whatever came twice would have been started, or be given back
      expect(started).toHaveLength(6);
      expect(await app.broker.queues.length(queue)).toBe(0);
    },
  );
});

/** `basic.ack`: class 60, method 80. */
const AMQP_ACK = /\u0000\u003c\u0000\u0050/;

describe.skipIf(!hasRabbit)("an early ack to RabbitMQ", () => {
  let rabbit: OwnRabbit;
  beforeAll(async () => {
    rabbit = await startRabbit(dir);
  }, 60_000);
  afterAll(() => rabbit[Symbol.asyncDispose]());

  async function stage() {
    const target = new URL(rabbit.url);
    const proxy = await FaultProxy.listen({ host: target.hostname, port: Number(target.port) });
    const through = rabbit.url.replace(`:${target.port}`, `:${proxy.port}`);
    const queue = ownQueue();
    return { proxy, queue, ...workerScene({ broker: amqpBroker(through, { onWarning: () => undefined }), queue }) };
  }

  it("that never arrived starts the body once, when the message has come back", { timeout: LIMIT_MS }, async () => {
    const { proxy, worker, started, send } = await stage();
    await send(0);
    const cut = proxy.cutOn(AMQP_ACK, "before");
    await worker.start();
    await cut;
    await vi.waitFor(() => expect(started).toEqual([0]), 10_000);
    await proxy[Symbol.asyncDispose]();
  });

  it("that arrived although nobody said so starts nothing: nobody could tell it from the next case", {
    timeout: LIMIT_MS,
  }, async () => {
    const { proxy, queue, worker, started, send, log, app } = await stage();
    await send(0);
    const cut = proxy.cutOn(AMQP_ACK, "after");
    await worker.start();
    await cut;
    await vi.waitFor(() => expect(log.some(isDoubt)).toBe(true), 10_000);
    expect(await app.broker.queues.length(queue)).toBe(0);
    expect(started).toEqual([]);
    await send(1);
    await vi.waitFor(() => expect(started).toEqual([1]), 10_000);
    await proxy[Symbol.asyncDispose]();
  });

  it("that never arrived is another worker's, who got the message", { timeout: LIMIT_MS }, async () => {
    const { proxy, queue, worker, started, send, log } = await stage();
    await send(0, 1, 2);
    const cut = proxy.cutOn(AMQP_ACK, "before");
    await worker.start();
    await cut;
    proxy.refuse(true);
    const other = workerScene({ broker: amqpBroker(rabbit.url, { onWarning: () => undefined }), queue });
    await other.worker.start();
    await vi.waitFor(() => expect(other.started.toSorted()).toEqual([0, 1, 2]), 10_000);
    proxy.refuse(false); // nothing is decided before the queue is consumed again
    await vi.waitFor(() => expect(log.some(isDoubt)).toBe(true), 15_000);
    expect(started).toEqual([]);
    await proxy[Symbol.asyncDispose]();
  });
});

function isDoubt({ message }: LogEntry): boolean {
  return message.includes("the ack was not confirmed and the claim is gone");
}
