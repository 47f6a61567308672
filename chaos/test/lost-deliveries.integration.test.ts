/**
 * What a worker holds, and has not begun, when it loses its claim on it: somebody else runs it, and nobody twice.
 * @module
 */
import { spawnSync } from "node:child_process";
import { amqpBroker } from "@celeriac/broker-amqp";
import { redisBroker } from "@celeriac/broker-redis";
import type { Broker } from "@celeriac/core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type OwnRabbit, startRabbit } from "../src/driver/rabbit-server.js";
import { findRedisServer, type OwnRedis, startRedis } from "../src/driver/redis-server.js";
import { FaultProxy } from "../src/proxy/fault-proxy.js";
import { ownQueue, serverFolder, workerScene } from "./worker-scene.js";

const binary = findRedisServer(process.env);
const hasRabbit = spawnSync("rabbitmqctl", ["--version"]).error === undefined;
const LIMIT_MS = 30_000;
const { dir, remove } = serverFolder();
afterAll(remove);

describe.skipIf(!hasRabbit)("on RabbitMQ", () => {
  let rabbit: OwnRabbit;
  beforeAll(async () => {
    rabbit = await startRabbit(dir);
  }, 60_000);
  afterAll(() => rabbit[Symbol.asyncDispose]());

  const open = (url = rabbit.url): Broker => amqpBroker(url, { onWarning: () => undefined });

  it("waiting messages are another worker's after a cut; the running one goes on", { timeout: LIMIT_MS }, async () => {
    const target = new URL(rabbit.url);
    await using proxy = await FaultProxy.listen({ host: target.hostname, port: Number(target.port) });
    const queue = ownQueue();
    const through = open(rabbit.url.replace(`:${target.port}`, `:${proxy.port}`));
    const first = workerScene({ broker: through, queue, acksLate: true, holdsFirst: true });
    await first.send(0, 1, 2);
    await first.worker.start();
    await vi.waitFor(() => expect(first.started).toEqual([0]), 5000);
    proxy.refuse(true); // so that the other one gets them all
    await rabbit.closeConnections();
    const other = workerScene({ broker: open(), queue, acksLate: true });
    await other.worker.start();
    await vi.waitFor(() => expect(other.started.toSorted()).toEqual([0, 1, 2]), 5000);
    first.long.resolve();
    proxy.refuse(false);
    await other.send(3, 4, 5); // whatever waited here would have come before these
    await vi.waitFor(
      () => expect([...first.started, ...other.started]).toEqual(expect.arrayContaining([3, 4, 5])),
      10_000,
    );
    expect(first.started.filter((number) => number === 1 || number === 2)).toEqual([]);
    expect(first.log).toContainEqual(
      expect.objectContaining({ level: "info", message: expect.stringContaining("went back with the connection") }),
    );
  });

  it("with one worker they come again, and run once, while the running one keeps its message", {
    timeout: LIMIT_MS,
  }, async () => {
    const queue = ownQueue();
    const { worker, started, long, send, app } = workerScene({
      broker: open(),
      queue,
      acksLate: true,
      holdsFirst: true,
    });
    await send(0, 1, 2);
    await worker.start();
    await vi.waitFor(() => expect(started).toEqual([0]), 5000);
    await rabbit.closeConnections();
    await send(3);
    long.resolve();
    await vi.waitFor(() => expect(started.toSorted()).toEqual([0, 1, 2, 3]), 10_000);
    await worker.stop(); // what would run twice goes back
    expect(await app.broker.queues.length(queue)).toBe(0);
  });
});

describe.skipIf(binary === undefined)("on Redis", () => {
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startRedis(binary ?? "", dir);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  it("a worker cut off for longer than its lease starts nothing that others have by then", {
    timeout: LIMIT_MS,
  }, async () => {
    const proxy = await FaultProxy.listen({ host: redis.host, port: redis.port });
    onTestFinished(() => proxy[Symbol.asyncDispose]()); // after the workers, which leave at once when they can
    const queue = ownQueue();
    const open = (port: number): Broker =>
      redisBroker(`redis://${redis.host}:${port}/0`, { visibilityTimeout: 1, restoreIntervalMs: 200 });
    const first = workerScene({ broker: open(proxy.port), queue, acksLate: true, holdsFirst: true });
    await first.send(0, 1, 2);
    await first.worker.start();
    await vi.waitFor(() => expect(first.started).toEqual([0]), 5000);
    proxy.refuse(true);
    proxy.rst();
    const other = workerScene({ broker: open(redis.port), queue, acksLate: true });
    await other.worker.start();
    await vi.waitFor(() => expect(other.started.toSorted()).toEqual([0, 1, 2]), 10_000);
    first.long.resolve();
    await vi.waitFor(() => {
      expect(first.log.filter(({ message }) => message.includes("may be another worker's by now"))).toHaveLength(2);
    }, 5000);
    expect(first.started).toEqual([0]);
    proxy.refuse(false);
  });
});
