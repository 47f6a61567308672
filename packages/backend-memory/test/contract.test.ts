import { backendContract, sampleRecord } from "@celeriac/testkit";
import { describe, it } from "vitest";
import { callCleanup } from "../../testkit/test/worker-on-backend.js";
import { memoryBackend } from "../src/index.js";
import { createMemoryFixture } from "./memory-fixture.js";

describe("the backend contract", () => {
  for (const contractCase of backendContract(createMemoryFixture, { quietMs: 10 })) {
    it(contractCase.name, async ({ skip }) => {
      const outcome = await contractCase.run();
      if (outcome.status === "skipped") skip(outcome.reason);
    });
  }
});

describe("the memory backend", () => {
  it("keeps a result of 20 MB", async ({ expect }) => {
    const backend = memoryBackend();
    const value = "0123456789abcdef".repeat(1_310_720);
    await backend.store(sampleRecord("large", "SUCCESS", value));
    expect((await backend.fetch("large"))?.result === value).toBe(true);
  });

  it("keeps JSON, and says so when another serializer is asked for", ({ expect }) => {
    const context = { transportOptions: {}, resultSerializer: "pickle" };
    expect(() => memoryBackend.fromUrl("memory://", context)).toThrow(/resultSerializer: is "pickle".*json/);
    expect(memoryBackend.fromUrl("memory://", { ...context, resultSerializer: "json" }).description).toBe("memory://");
  });

  it("expires by itself: celery.backend_cleanup does nothing", async ({ expect }) => {
    const backend = memoryBackend({ resultExpiresMs: null });
    await backend.store(sampleRecord("old"));
    await callCleanup(backend, 60);
    expect((await backend.fetch("old"))?.status).toBe("SUCCESS");
  });
});

describe("expiry", () => {
  it("drops a result once it is older than resultExpires", async ({ expect }) => {
    let nowMs = 1_000_000;
    const clock = { now: () => nowMs, monotonic: () => nowMs, sleep: async () => undefined };
    const backend = memoryBackend({ resultExpiresMs: 60_000, clock });
    await backend.store(sampleRecord("old"));
    nowMs += 40_000;
    await backend.store(sampleRecord("young"));
    nowMs += 30_000;
    expect(await backend.fetch("old")).toBeUndefined();
    expect((await backend.fetch("young"))?.status).toBe("SUCCESS");
  });

  it("keeps results for ever when the URL's context says null or 0 seconds", async ({ expect }) => {
    for (const resultExpires of [null, 0]) {
      const backend = memoryBackend.fromUrl("memory://", { transportOptions: {}, resultExpires });
      await backend.store(sampleRecord("task"));
      expect((await backend.fetch("task"))?.status).toBe("SUCCESS");
    }
  });
});
