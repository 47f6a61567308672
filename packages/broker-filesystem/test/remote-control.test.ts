import { createApp, silentLogger } from "@celeriac/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
// By path: both packages have adapters among their own dependencies, and an adapter must not depend on them.
import { type Control, createControl } from "../../control/src/index.js";
import { createWorker } from "../../worker/src/index.js";
import { asyncPool } from "../../worker/src/pool/async/index.js";
import { createFolderFixture } from "./folder-fixture.js";

const NODE = "node.with.dots@here";
/** Far beyond any test: only events of the file system may carry a message. */
const NEVER_POLLED = { pollIntervalMs: 3_600_000 };

let fixture: Awaited<ReturnType<typeof createFolderFixture>>;
const running: AsyncDisposable[] = [];
beforeEach(async () => {
  fixture = await createFolderFixture(NEVER_POLLED);
});
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part[Symbol.asyncDispose]();
  await fixture.cleanup();
});

async function startWorker(): Promise<void> {
  const app = createApp("ours", { broker: fixture.broker, logger: silentLogger });
  app.task("ours.add", (x: number, y: number) => x + y);
  const worker = createWorker(app, { pool: asyncPool({ concurrency: 1 }), hostname: NODE });
  running.push(app, worker);
  await worker.start();
}

async function openControl(): Promise<Control> {
  const app = createApp("client", { broker: await fixture.createPeer(), logger: silentLogger });
  running.push(app);
  return createControl(app);
}

describe("remote control over a folder", () => {
  it("a worker that waits for tasks answers each request, without the help of polls", async () => {
    await startWorker();
    const control = await openControl();
    await expect.poll(() => control.ping({ limit: 1, timeout: 0.5 }), { timeout: 5_000 }).toEqual([NODE]);
    for (let round = 0; round < 5; round += 1) {
      expect(await control.ping({ limit: 1, timeout: 5 })).toEqual([NODE]);
    }
    const { nodes } = await control.inspect.registered({ destination: [NODE], timeout: 5 });
    expect(nodes.get(NODE)).toContain("ours.add");
  });

  it("nothing of a request stays in the folder", async () => {
    await startWorker();
    const control = await openControl();
    await expect.poll(() => control.ping({ limit: 1, timeout: 0.5 }), { timeout: 5_000 }).toEqual([NODE]);
    expect(await fixture.broker.queues.length(`${NODE}.celery.pidbox`)).toBe(0);
  });
});
