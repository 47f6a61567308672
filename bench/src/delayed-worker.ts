/**
 * The worker of the delayed workload: `node dist/delayed-worker.js URL QUEUE COUNT`, with an IPC channel. Says when it is
 * ready and, after `COUNT` tasks, how late each began.
 * @module
 */
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { createDelayedApp } from "./ours/delayed.js";

/** What it tells. Milliseconds; negative is early. */
export type FromDelayedWorker =
  | { readonly type: "ready" }
  | { readonly type: "done"; readonly lateMs: readonly number[]; readonly peakRssMb: number };

const [url = "", queue = "", count = "0"] = process.argv.slice(2);
const LOOK_MS = 250;

const lateMs: number[] = [];
let peakRssMb = 0;
let finish: () => void = () => undefined;
const finished = new Promise<void>((resolve) => {
  finish = resolve;
});
const { app } = createDelayedApp(url, queue, async (dueMs) => {
  lateMs.push(Date.now() - dueMs);
  if (lateMs.length === Number(count)) finish();
  return dueMs;
});
const look = setInterval(() => {
  peakRssMb = Math.max(peakRssMb, process.memoryUsage.rss() / 2 ** 20);
}, LOOK_MS);
const worker = createWorker(app, { pool: asyncPool({ concurrency: 100 }), remoteControl: false });
process.on("disconnect", () => process.exit(0));
await worker.start();
say({ type: "ready" });
await finished;
clearInterval(look);
say({ type: "done", lateMs, peakRssMb });
await worker.stop();
await app.close();

function say(message: FromDelayedWorker): void {
  process.send?.(message);
}
