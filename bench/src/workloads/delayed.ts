import { fork } from "node:child_process";
import { once } from "node:events";
import type { FromDelayedWorker } from "../delayed-worker.js";
import { percentile } from "../measure.js";
import { createDelayedApp } from "../ours/delayed.js";
import type { RabbitServer } from "../rabbit-server.js";

const AT_ONCE = 200;

/** How late tasks began that had waited in RabbitMQ. Milliseconds. */
export interface Lateness {
  readonly count: number;
  /** Begun before they were due. */
  readonly early: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the worker, at its peak. */
  readonly rssMb: number;
}

/** Sends tasks, each with an ETA of its own, and waits until a worker has begun them all. */
export async function measureLateness(
  { url }: RabbitServer,
  queue: string,
  delaysMs: readonly number[],
): Promise<Lateness> {
  const { app, noop } = createDelayedApp(url, queue, async (dueMs) => dueMs);
  const worker = fork(new URL("../delayed-worker.js", import.meta.url), [url, queue, String(delaysMs.length)], {
    execArgv: [],
  });
  try {
    await next(worker, "ready");
    const done = next(worker, "done");
    let sent = 0;
    const lane = async (): Promise<void> => {
      for (let delayMs = delaysMs[sent++]; delayMs !== undefined; delayMs = delaysMs[sent++]) {
        const dueMs = Date.now() + delayMs;
        await app.send(noop.name, [dueMs], { eta: new Date(dueMs), ignoreResult: true });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    const { lateMs, peakRssMb } = await done;
    return {
      count: lateMs.length,
      early: lateMs.filter((ms) => ms < 0).length,
      p50Ms: percentile(lateMs, 0.5),
      p99Ms: percentile(lateMs, 0.99),
      maxMs: Math.max(...lateMs),
      rssMb: peakRssMb,
    };
  } finally {
    await app.close();
    worker.kill("SIGKILL");
  }
}

async function next<T extends FromDelayedWorker["type"]>(
  worker: ReturnType<typeof fork>,
  type: T,
): Promise<Extract<FromDelayedWorker, { readonly type: T }>> {
  for (;;) {
    const [message] = (await once(worker, "message")) as [FromDelayedWorker]; // only our program writes there
    if (message.type === type) return message as Extract<FromDelayedWorker, { readonly type: T }>;
  }
}
