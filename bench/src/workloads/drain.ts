import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import * as floor from "../floor/enqueue.js";
import type { Measurement } from "../measure.js";
import type { BenchServer } from "../redis-server.js";
import { WorkerHandle } from "../worker-handle.js";
import type { WorkerRole } from "../worker-process.js";

const WARM_UP = 5000;
type DrainRole = Extract<WorkerRole, "floor" | "ours" | "ours-late">;
const NAMES: Readonly<Record<DrainRole, string>> = {
  floor: "floor",
  ours: "celeriac",
  "ours-late": "celeriac, acksLate",
};

/**
 * Drains queued no-op tasks with results. Time runs from the first body to the moment every result is stored, the queue
 * is empty and nothing is unacked. The process has drained a warm-up queue before.
 */
export async function measureDrain(server: BenchServer, count: number, rep: number): Promise<Measurement[]> {
  const roles: readonly DrainRole[] = ["floor", "ours", "ours-late"];
  const measurements: Measurement[] = [];
  for (const role of rep % 2 === 0 ? roles : [...roles].reverse())
    measurements.push(await drainAs(server, role, count, rep));
  return measurements;
}

async function drainAs(server: BenchServer, role: DrainRole, count: number, rep: number): Promise<Measurement> {
  const url = server.url(0);
  const redis = new Redis(url);
  await using worker = await WorkerHandle.start();
  await floor.enqueueBulk(url, "warm", WARM_UP, 1000);
  worker.tell({ type: "drain", role, url, queue: "warm", count: WARM_UP });
  await worker.next("drained");
  await redis.flushall();
  await floor.enqueueBulk(url, "bench", count, 1000);
  const first = worker.next("first");
  const drained = worker.next("drained");
  worker.tell({ type: "drain", role, url, queue: "bench", count });
  await first;
  const start = performance.now();
  await untilDone(redis, count);
  const value = (count * 1000) / (performance.now() - start);
  const { cpuMs, rssMb } = await drained;
  await redis.flushall();
  redis.disconnect();
  return {
    workload: "drain with results",
    who: NAMES[role],
    rep,
    unit: "tasks/s",
    value,
    detail: { workerCpuUs: (cpuMs * 1000) / count, rssMb },
  };
}

async function untilDone(redis: Redis, count: number): Promise<void> {
  for (;;) {
    const [keys, waiting, unacked] = await Promise.all([redis.dbsize(), redis.llen("bench"), redis.hlen("unacked")]);
    if (waiting === 0 && unacked === 0 && keys >= count) return;
    await sleep(2);
  }
}
