import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Redis } from "ioredis";
import { Redis as Client } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hasRedisServer, type RedisFixture, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { redisBroker } from "../src/index.js";
import { eventually, messageOf, queueOf, routeTo, take } from "./broker-lab.js";

const THREAD = fileURLToPath(new URL("../dist/lease/lease-thread.js", import.meta.url));
const isBuilt = existsSync(THREAD);
if (!isBuilt && process.env.CI === "true") throw new Error(`${THREAD} is missing: build first`);
if (!isBuilt) console.warn(`Skipped: the lease thread is not built (${THREAD})`);

const VISIBILITY_SECONDS = 1.5;

describe.skipIf(!hasRedisServer)("leases", () => {
  let redis: RedisFixture;
  let raw: Redis;

  beforeAll(async () => {
    redis = await startRedis();
    raw = redis.client();
  });
  afterAll(() => redis.stop());
  beforeEach(() => raw.flushall());

  it.skipIf(!isBuilt)(
    "are renewed while the event loop is blocked for longer than the visibility timeout",
    async () => {
      const warnings: string[] = [];
      const onWarning = (message: string) => void warnings.push(message);
      const broker = redisBroker(redis.url, { visibilityTimeout: VISIBILITY_SECONDS, onWarning });
      await broker.publish(messageOf("long"), routeTo("q"));
      const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
      const [delivery] = await take(consumer, 1);
      const takenAt = Number(await raw.zscore("unacked_index", delivery?.deliveryTag ?? ""));

      // Not one turn of this event loop from here...
      spawnSync("sleep", ["3"]);
      const probe = `redis.call('TIME') return {redis.call('ZSCORE', KEYS[1], ARGV[1]), redis.call('TIME')[1]}`;
      const script = `import("ioredis").then(async ({ Redis }) => { const r = new Redis(${redis.port}); console.log(JSON.stringify(await r.eval(${JSON.stringify(probe)}, 1, "unacked_index", ${JSON.stringify(delivery?.deliveryTag)}))); r.disconnect(); })`;
      const answer = spawnSync(process.execPath, ["-e", script], {
        cwd: new URL("..", import.meta.url),
        encoding: "utf8",
      });
      const [score, now] = JSON.parse(answer.stdout).map(Number);
      // ...to here.

      expect(score).toBeGreaterThan(takenAt + VISIBILITY_SECONDS);
      expect(now - score).toBeLessThan(VISIBILITY_SECONDS);
      await delivery?.ack();
      expect(await raw.exists("unacked", "unacked_index", "q")).toBe(0);
      expect(warnings).toEqual([]);
      await broker[Symbol.asyncDispose]();
    },
  );

  it("are renewed from the loop, with a warning, for a client no thread can open", async () => {
    const warnings: string[] = [];
    const client = new Client(redis.port);
    // Not enumerable, so that copies of the client connect as before.
    Object.defineProperty(client.options, "sentinels", { value: [], enumerable: false });
    const broker = redisBroker(client, {
      visibilityTimeout: VISIBILITY_SECONDS,
      onWarning: (message) => void warnings.push(message),
    });
    await broker.publish(messageOf("t"), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: 1 });
    const [delivery] = await take(consumer, 1);
    const tag = delivery?.deliveryTag ?? "";
    const takenAt = Number(await raw.zscore("unacked_index", tag));
    await eventually(async () => Number(await raw.zscore("unacked_index", tag)) > takenAt + 0.3);
    expect(warnings).toEqual([expect.stringContaining("renewed from the event loop")]);
    await delivery?.ack();
    await broker[Symbol.asyncDispose]();
    client.disconnect();
  });

  it.skipIf(!isBuilt)("of settled messages are not brought back", async () => {
    const broker = redisBroker(redis.url, { visibilityTimeout: VISIBILITY_SECONDS });
    for (let i = 0; i < 20; i += 1) await broker.publish(messageOf(`t${i}`), routeTo("q"));
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: Number.POSITIVE_INFINITY });
    const deliveries = await take(consumer, 20);
    await Promise.all(deliveries.slice(1).map((delivery) => delivery.ack()));
    const kept = deliveries[0]?.deliveryTag ?? "";
    const before = Number(await raw.zscore("unacked_index", kept));
    await eventually(async () => Number(await raw.zscore("unacked_index", kept)) > before);
    expect(await raw.zrange("unacked_index", "0", "-1")).toEqual([kept]);
    await broker[Symbol.asyncDispose]();
  });
});
