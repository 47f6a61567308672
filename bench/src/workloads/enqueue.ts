import { Redis } from "ioredis";
import * as floor from "../floor/enqueue.js";
import type { Measurement } from "../measure.js";
import { rate } from "../measure.js";
import * as ours from "../ours/enqueue.js";
import type { BenchServer } from "../redis-server.js";

const IN_FLIGHT = 100;
const CHUNK = 1000;

/** Enqueue one by one with 100 in flight, and in bulk; depth is checked after each. */
export async function measureEnqueue(server: BenchServer, count: number, rep: number): Promise<Measurement[]> {
  const url = server.url(0);
  const inFlight = (who: typeof floor | typeof ours) => () => who.enqueueInFlight(url, "bench", count, IN_FLIGHT);
  const bulk = (who: typeof floor | typeof ours) => () => who.enqueueBulk(url, "bench", count, CHUNK);
  const runs: readonly (readonly [string, string, () => Promise<void>])[] = [
    ["enqueue, 100 in flight", "floor", inFlight(floor)],
    ["enqueue, 100 in flight", "celeriac", inFlight(ours)],
    ["enqueue in bulk", "floor", bulk(floor)],
    ["enqueue in bulk", "celeriac", bulk(ours)],
  ];
  const measurements: Measurement[] = [];
  for (const [workload, who, work] of rep % 2 === 0 ? runs : [...runs].reverse()) {
    const value = await rate(count, work);
    await checkDepth(url, count);
    measurements.push({ workload, who, rep, unit: "tasks/s", value });
  }
  return measurements;
}

async function checkDepth(url: string, count: number): Promise<void> {
  const redis = new Redis(url);
  const depth = await redis.llen("bench");
  await redis.flushall();
  redis.disconnect();
  if (depth !== count) throw new Error(`${depth} messages are queued where ${count} were sent`);
}
