import { memoryBackend } from "@celeriac/backend-memory";
import { createApp } from "@celeriac/core";
import { postgresTransport } from "@celeriac/example-custom-transport";
import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFixture, url } from "./postgres-fixture.mjs";

describe.skipIf(url === undefined)("an app that names the broker by a URL", () => {
  let fixture: Awaited<ReturnType<typeof createFixture>>;

  beforeAll(async () => {
    fixture = await createFixture();
  });
  afterAll(() => fixture.cleanup());

  it("sends its tasks to a worker through it", async () => {
    const settings = { broker: fixture.url, backend: memoryBackend(), adapters: [postgresTransport] };
    await using app = createApp("example", settings);
    const add = app.task("example.add", (x: number, y: number) => x + y);
    await using worker = createWorker(app, { pool: asyncPool({ concurrency: 4 }) });
    await worker.start();
    const handles = await Promise.all(Array.from({ length: 20 }, (_, index) => add.delay(index, 1)));
    const sums = await Promise.all(handles.map((handle) => handle.get({ timeout: "10s" })));
    expect(sums).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});
