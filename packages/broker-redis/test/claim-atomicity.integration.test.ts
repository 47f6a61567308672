import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { hasRedisServer, startRedis } from "../../redis-connection/test/redis-fixture.js";
import { redisBroker } from "../src/index.js";
import { messageOf, queueOf, routeTo, take } from "./broker-lab.js";

const isBuilt = existsSync(new URL("../dist/index.js", import.meta.url));
if (!isBuilt && process.env.CI === "true") throw new Error("dist is missing: build first");
const MESSAGES = 300;
const ROUNDS = 4;
const WORKERS = 2;

async function runAndKill(url: string): Promise<void> {
  const script = fileURLToPath(new URL("claim-loop.mjs", import.meta.url));
  const worker = spawn(process.execPath, [script, url], { stdio: ["ignore", "pipe", "inherit"] });
  await once(worker.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
  worker.kill("SIGKILL");
  await once(worker, "exit");
}

describe.skipIf(!hasRedisServer || !isBuilt)("claims and settlements", () => {
  it("lose no message to kill -9 at any moment", { timeout: 60_000 }, async () => {
    const redis = await startRedis();
    const raw = redis.client();
    const broker = redisBroker(redis.url, { visibilityTimeout: 3600, restoreIntervalMs: 50 });
    const messages = Array.from({ length: MESSAGES }, (_unused, index) => messageOf(`t${index}`, index % 10));
    await broker.publishMany(messages.map((message) => [message, routeTo("q")]));

    const counts: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) {
      await Promise.all(Array.from({ length: WORKERS }, () => runAndKill(redis.url)));
      // The server may still be reading what the dead process had written.
      for (;;) {
        const clients = String(await raw.client("LIST"))
          .trim()
          .split("\n");
        if (clients.length <= 2) break;
      }
      const lists = await Promise.all(["q", "q\x06\x163", "q\x06\x166", "q\x06\x169"].map((list) => raw.llen(list)));
      const held = await raw.hlen("unacked");
      expect(await raw.zcard("unacked_index")).toBe(held);
      counts.push(lists.reduce((sum, length) => sum + length, held) + (await raw.zcard("celeriac.parked")));
    }
    expect(counts).toEqual(counts.map(() => MESSAGES));

    // Every single one is still there, and only once.
    await broker.parking?.promoteDue();
    await raw.del("unacked_mutex"); // one of the dead may have had it
    for (const tag of await raw.hkeys("unacked")) await raw.zadd("unacked_index", 1, tag);
    const consumer = await broker.consume({ queues: [queueOf("q")], prefetch: Number.POSITIVE_INFINITY });
    const ids = (await take(consumer, MESSAGES)).map((delivery) => delivery.message?.headers.id);
    expect(new Set(ids).size).toBe(MESSAGES);
    await broker[Symbol.asyncDispose]();
    await redis.stop();
  });
});
