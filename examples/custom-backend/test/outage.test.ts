import { streamBackend } from "@celeriac/example-custom-backend";
import { sampleRecord } from "@celeriac/testkit";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFixture, url } from "./stream-fixture.mjs";

describe.skipIf(url === undefined)("while Redis is away", () => {
  let fixture: Awaited<ReturnType<typeof createFixture>>;

  beforeEach(async () => {
    fixture = await createFixture();
  });
  afterEach(() => fixture.cleanup());

  it("a store fails at its deadline, and succeeds when Redis is back", async () => {
    const { backend, proxy } = fixture;
    await backend.store(sampleRecord("before"));
    await proxy.close();
    const late = backend.store(sampleRecord("task"), { timeoutMs: 50 });
    await expect(late).rejects.toMatchObject({ code: "BACKEND_TIMEOUT", retryable: true });
    await proxy.open();
    await backend.store(sampleRecord("task"));
    expect((await backend.fetch("task"))?.status).toBe("SUCCESS");
  });

  it("a watcher misses nothing", async () => {
    const { backend, proxy } = fixture;
    const peer = await fixture.createPeer();
    const heard: string[] = [];
    await backend.watcher.watch("task", (meta) => heard.push(meta.status));
    await backend.store(sampleRecord("task", "STARTED", null));
    await vi.waitFor(() => expect(heard).toEqual(["STARTED"]));
    proxy.cut();
    await peer.store(sampleRecord("task"));
    await vi.waitFor(() => expect(heard.at(-1)).toBe("SUCCESS"), { timeout: 5_000 });
  });
});

describe.skipIf(url === undefined)("a Redis that says no", () => {
  it("is BACKEND_REFUSED, and not retryable", async () => {
    const prefix = `celeriac-refused:${process.pid}:`;
    const admin = new Redis(url ?? "");
    await admin.lpush(`${prefix}task:a list`, "no hash");
    const backend = streamBackend(url ?? "", { prefix });
    const refused = { code: "BACKEND_REFUSED", retryable: false };
    await expect(backend.fetch("a list")).rejects.toMatchObject(refused);
    await expect(backend.store(sampleRecord("a list"))).rejects.toMatchObject(refused);
    await backend[Symbol.asyncDispose]();
    await admin.del(`${prefix}task:a list`);
    admin.disconnect();
  });
});
