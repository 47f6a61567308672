import { memoryBackend } from "@celeriac/backend-memory";
import { memoryBroker } from "@celeriac/broker-memory";
import { context, createApp } from "@celeriac/core";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";

const app = createApp("mail", { broker: memoryBroker(), backend: memoryBackend() });
const retry = { max: 3, backoff: true, jitter: false };
const send = app.task("mail.send", { acksLate: true, retry }, async (to: string) => {
  if (context().retries === 0) throw new Error("mail server is busy");
  return `sent to ${to} at attempt ${context().retries + 1}`;
});

const worker = createWorker(app, { pool: asyncPool({ concurrency: 50 }) });
await worker.start();
console.log(await send.delay("ada@example.org").get({ timeout: "10s" }));
await worker.stop(); // takes nothing more, finishes what runs
await app.close();
