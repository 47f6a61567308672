import { Redis } from "ioredis";
import * as floor from "../floor/round-trip.js";
import type { Measurement } from "../measure.js";
import { percentile } from "../measure.js";
import * as ours from "../ours/round-trip.js";
import type { BenchServer } from "../redis-server.js";
import { WorkerHandle } from "../worker-handle.js";
import type { RoundTripRole } from "../worker-process.js";

/** Round trips before the measured ones, per measured one: after so many V8 has optimized what runs in every trip. */
const WARM_UP = 1.5;
/** The same commands as ours when the ack is early. */
const TAKING = "floor, taking in one step";
/** Name, and whom it is compared with. */
const CONTESTANTS: Readonly<Record<RoundTripRole, { readonly who: string; readonly floor: string }>> = {
  bare: { who: "bare BRPOP loop (loses on a crash)", floor: TAKING },
  floor: { who: "floor", floor: TAKING },
  "floor-taking": { who: TAKING, floor: TAKING },
  "floor-late": { who: "floor, late ack", floor: "floor, late ack" },
  ours: { who: "celeriac", floor: TAKING },
  "ours-late": { who: "celeriac, acksLate", floor: "floor, late ack" },
};

/** From `delay()` to the value in hand, one task after the other, the worker idle in between. */
export async function measureRoundTrip(server: BenchServer, count: number, rep: number): Promise<Measurement[]> {
  const roles: readonly RoundTripRole[] = ["bare", "floor", "floor-taking", "floor-late", "ours", "ours-late"];
  const measurements: Measurement[] = [];
  for (const role of rep % 2 === 0 ? roles : [...roles].reverse())
    measurements.push(await askAs(server, role, count, rep));
  return measurements;
}

async function askAs(server: BenchServer, role: RoundTripRole, count: number, rep: number): Promise<Measurement> {
  const url = server.url(0);
  await using worker = await WorkerHandle.start();
  worker.tell({ type: "answer", role, url, queue: "bench" });
  const ask = role === "ours" || role === "ours-late" ? ours.ask : floor.ask;
  await ask(url, "bench", Math.ceil(WARM_UP * count));
  const latencies = await ask(url, "bench", count);
  const redis = new Redis(url);
  await redis.flushall();
  redis.disconnect();
  return {
    workload: "round trip",
    ...CONTESTANTS[role],
    rep,
    unit: "ms",
    value: percentile(latencies, 0.5),
    detail: { p95: percentile(latencies, 0.95), p99: percentile(latencies, 0.99) },
  };
}
