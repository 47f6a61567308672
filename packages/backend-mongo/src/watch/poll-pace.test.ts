import { describe, expect, it } from "vitest";
import { createPollPace } from "./poll-pace.js";

describe("the pace of looking", () => {
  it("slows down while nothing happens, up to a limit, and quickens at once", () => {
    const pace = createPollPace(() => ({ minMs: 50, maxMs: 200 }));
    expect([pace.next(), pace.isSlow, pace.next(), pace.isSlow]).toEqual([50, false, 75, true]);
    for (let look = 0; look < 10; look += 1) pace.next();
    expect(pace.next()).toBe(200);
    pace.quicken();
    expect(pace.next()).toBe(50);
  });

  it("goes by limits that change", () => {
    let minMs = 50;
    const pace = createPollPace(() => ({ minMs, maxMs: 10 * minMs }));
    pace.next();
    minMs = 1_000;
    expect(pace.next()).toBe(1_500);
  });
});
