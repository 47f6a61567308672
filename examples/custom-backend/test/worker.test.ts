import { memoryBroker } from "@celeriac/broker-memory";
import { createApp } from "@celeriac/core";
import { streamStore } from "@celeriac/example-custom-backend";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { expect, it } from "vitest";
import { url } from "./stream-fixture.mjs";

it.skipIf(url === undefined)("an app that names the backend by a URL gets its results through it", async () => {
  const backend = (url ?? "").replace(/^\w+:/, "redis-stream:");
  await using app = createApp("example", { broker: memoryBroker(), backend, adapters: [streamStore] });
  const add = app.task("example.add", (x: number, y: number) => x + y);
  await using worker = createWorker(app, { pool: asyncPool({ concurrency: 4 }) });
  await worker.start();
  const handles = await Promise.all(Array.from({ length: 20 }, (_, index) => add.delay(index, 1)));
  const sums = await Promise.all(handles.map((handle) => handle.get({ timeout: "10s" })));
  expect(sums).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  await Promise.all(handles.map((handle) => handle.forget()));
});
