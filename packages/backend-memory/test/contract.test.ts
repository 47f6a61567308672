import { backendContract, sampleRecord } from "@celeriac/testkit";
import { describe, it } from "vitest";
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
