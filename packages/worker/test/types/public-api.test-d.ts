/** A whole application in the words of the public API: what a user writes must compile. Checked by `pnpm typecheck`. */
import { memoryBackend } from "@celeriac/backend-memory";
import { memoryBroker } from "@celeriac/broker-memory";
import type { StandardSchema } from "@celeriac/core";
import { context, contract, createApp, Reject, TaskError, TimeoutError } from "@celeriac/core";
import { asyncPool } from "../../src/pool/async/index.js";
import { prefork } from "../../src/pool/prefork/index.js";
import { createWorker } from "../../src/worker.js";

declare const resizeIn: StandardSchema<{ src: string; width?: number }, { src: string; width: number }>;
declare const pct: StandardSchema<{ pct: number }>;
declare const bad: boolean;
declare const signal: AbortSignal;

const app = createApp("shop", { broker: memoryBroker(), backend: memoryBackend(), timezone: "Europe/Paris" });

export const add = app.task("math.add", (a: number, b: number) => a + b);
export const total = app.task("math.total", (sums: number[]) => sums.reduce((sum, each) => sum + each, 0));
export const page = app.task(
  "web.page",
  { queue: "io", timeLimit: "1m", softTimeLimit: "45s", retry: { on: [TypeError], max: 5, backoff: true } },
  async (url: string) => {
    const { signal: stop, log } = context();
    log.info({ url }, "fetching");
    return (await fetch(url, { signal: stop })).text();
  },
);
export const crawl = app.task("web.crawl", { bind: true, acksLate: true }, async (ctx, root: string) => {
  if (root === "") throw new Reject("nowhere to begin", { requeue: false });
  if (bad) ctx.retry({ countdown: "10s" });
  return { root };
});
export const resize = app.task("img.resize", { input: resizeIn, progress: pct }, async (input, ctx) => {
  await ctx.progress({ pct: 50 });
  return { bytes: input.width * 3 };
});
const score = app.remote(contract<[userId: string], number>("ml.score"));

export async function produce(): Promise<unknown> {
  const handle = await add.delay(1, 2);
  const three: number = await handle.get({ timeout: "5s", signal });
  const options = { countdown: 10, expires: "1h", priority: 7, queue: "lopri", link: total.s() } as const;
  const later = add.call([1, 2], options);
  // @ts-expect-error what get() waits for is a number
  const text: string = await later.get();
  try {
    await later.get({ timeout: "5s" });
  } catch (error) {
    if (error instanceof TaskError) console.error(error.pyType, error.traceback);
    else if (!(error instanceof TimeoutError)) throw error;
  }
  for await (const step of resize.delay({ src: "a.png" }).progress()) console.log(`${step.pct}%`);
  const rank: number = await score.delay("ada").get();
  const raw: string = await app.send<string>("legacy.task", ["x"], { kwargs: { y: 1 } }).get();
  await handle.forget();
  return [three, text, rank, raw, await handle.state(), await add(1, 1)];
}

export async function work(): Promise<void> {
  await using worker = createWorker(app, {
    queues: ["celery", "io"],
    pool: prefork({ app: new URL("./tasks.js", import.meta.url), concurrency: 4 }),
  });
  await worker.run();
  // @ts-expect-error a worker needs a pool
  createWorker(app, { queues: ["io"] });
  // @ts-expect-error no such option
  createWorker(app, { pool: asyncPool(), queue: "io" });
}
