import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Patience, type Wait } from "./patience.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch({ over }: Wait): () => boolean {
  let isOver = false;
  void over.then(() => {
    isOver = true;
  });
  return () => isOver;
}

describe("Patience", () => {
  it("ends after its time when nobody sets out to consume", async () => {
    const isOver = watch(new Patience(5000).wait("q"));
    await vi.advanceTimersByTimeAsync(4999);
    expect(isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver()).toBe(true);
  });

  it("does not count while somebody is on the way to consume the queue, and starts anew afterwards", async () => {
    const patience = new Patience(5000);
    const isOver = watch(patience.wait("q"));
    await vi.advanceTimersByTimeAsync(4000);
    const [arrive, other] = [patience.setOut(["q", "r"]), patience.setOut(["q"])];
    await vi.advanceTimersByTimeAsync(60_000);
    arrive();
    await vi.advanceTimersByTimeAsync(60_000); // the other is still on the way
    other();
    await vi.advanceTimersByTimeAsync(4999);
    expect(isOver()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver()).toBe(true);
  });

  it("does not count either for who begins to wait meanwhile", async () => {
    const patience = new Patience(5000);
    const arrive = patience.setOut(["q"]);
    const isOver = watch(patience.wait("q"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(isOver()).toBe(false);
    arrive();
    await vi.advanceTimersByTimeAsync(5000);
    expect(isOver()).toBe(true);
  });

  it("counts on for other queues", async () => {
    const patience = new Patience(5000);
    const isOver = watch(patience.wait("q"));
    patience.setOut(["r"]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(isOver()).toBe(true);
  });

  it("keeps no timer for who has what was waited for", () => {
    const patience = new Patience(5000);
    patience.wait("q").end();
    patience.setOut(["q"])();
    expect(vi.getTimerCount()).toBe(0);
  });
});
