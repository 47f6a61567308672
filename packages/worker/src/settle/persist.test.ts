import { BackendError } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/support/fake-clock.js";
import type { PersistOptions } from "./persist.js";
import { persist } from "./persist.js";

const away = new BackendError("away", { code: "BACKEND_UNAVAILABLE", retryable: true });
const refused = new BackendError("too large", { code: "BACKEND_REFUSED" });

function stage(): { clock: FakeClock; warm: AbortController; cold: AbortController; options: PersistOptions } {
  const [clock, warm, cold] = [new FakeClock(), new AbortController(), new AbortController()];
  return { clock, warm, cold, options: { clock, shutdown: { warm: warm.signal, cold: cold.signal } } };
}

/** A step that fails until `until`, counting its calls. */
function failing(clock: FakeClock, untilMs: number): { calls: number[]; step(failures: number): Promise<string> } {
  const calls: number[] = [];
  const startMs = clock.now();
  return {
    calls,
    async step(failures) {
      calls.push(failures);
      if (clock.now() - startMs < untilMs) throw away;
      return "stored";
    },
  };
}

describe("persist", () => {
  it("repeats what may succeed later, telling the step how often it failed", async () => {
    const { clock, options } = stage();
    const { calls, step } = failing(clock, 2000);
    const done = persist(step, options);
    await clock.advance(10_000);
    await expect(done).resolves.toBe("stored");
    expect(calls).toEqual(calls.map((_, index) => index));
    expect(calls.length).toBeGreaterThan(2);
  });

  it("does not repeat what will fail again", async () => {
    let calls = 0;
    const step = async (): Promise<void> => {
      calls += 1;
      throw refused;
    };
    await expect(persist(step, stage().options)).rejects.toBe(refused);
    expect(calls).toBe(1);
  });

  it("gives up after a minute", async () => {
    const { clock, options } = stage();
    const done = expect(persist(failing(clock, 600_000).step, options)).rejects.toBe(away);
    await clock.advance(70_000);
    await done;
  });

  it("G14: gives up after seconds during a warm shutdown", async () => {
    const { clock, warm, options } = stage();
    warm.abort();
    const done = expect(persist(failing(clock, 600_000).step, options)).rejects.toBe(away);
    await clock.advance(8000);
    await done;
  });

  it("gives up at once in a cold shutdown", async () => {
    const { clock, cold, options } = stage();
    const done = expect(persist(failing(clock, 600_000).step, options)).rejects.toBe(away);
    cold.abort();
    await done;
  });

  it("reports an outage once", async () => {
    const { clock, options } = stage();
    const heard: unknown[] = [];
    const done = persist(failing(clock, 2000).step, { ...options, onFirstFailure: (error) => heard.push(error) });
    await clock.advance(10_000);
    await done;
    expect(heard).toEqual([away]);
  });
});
