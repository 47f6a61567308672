import { Redis } from "ioredis";
import * as floor from "../floor/round-trip.js";
import type { Measurement } from "../measure.js";
import { percentile } from "../measure.js";
import * as ours from "../ours/round-trip.js";
import type { BenchServer } from "../redis-server.js";
import { WorkerHandle } from "../worker-handle.js";
import type { WorkerRole } from "../worker-process.js";

const WARM_UP = 500;
const NAMES: Readonly<Record<WorkerRole, string>> = {
  floor: "floor",
  "floor-safe": "crash-safe floor",
  ours: "celeriac",
  "ours-late": "celeriac, acksLate",
};

/** From `delay()` to the value in hand, one task after the other, the worker idle in between. */
export async function measureRoundTrip(server: BenchServer, count: number, rep: number): Promise<Measurement[]> {
  const roles: readonly WorkerRole[] = ["floor", "floor-safe", "ours", "ours-late"];
  const measurements: Measurement[] = [];
  for (const role of rep % 2 === 0 ? roles : [...roles].reverse()) measurements.push(await askAs(server, role, count, rep));
  return measurements;
}

async function askAs(server: BenchServer, role: WorkerRole, count: number, rep: number): Promise<Measurement> {
  const url = server.url(0);
  await using worker = await WorkerHandle.start();
  worker.tell({ type: "answer", role, url, queue: "bench" });
  const ask = role === "floor" || role === "floor-safe" ? floor.ask : ours.ask;
  await ask(url, "bench", WARM_UP);
  const latencies = await ask(url, "bench", count);
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
  return {
    workload: "round trip",
    who: NAMES[role],
    rep,
    unit: "ms",
    value: percentile(latencies, 0.5),
    detail: { p95: percentile(latencies, 0.95), p99: percentile(latencies, 0.99) },
  };
}
