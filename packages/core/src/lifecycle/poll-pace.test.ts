import { describe, expect, it } from "vitest";
import { createPollPace } from "./poll-pace.js";

describe("the pace of looking", () => {
  it("slows down while nothing changes, and is quick again when something does", () => {
    const pace = createPollPace(() => ({ minMs: 100, maxMs: 200 }));
    expect([pace.next(), pace.next(), pace.next(), pace.next()]).toEqual([100, 150, 200, 200]);
    expect(pace.isSlow).toBe(true);
    pace.quicken();
    expect(pace.next()).toBe(100);
    expect(pace.isSlow).toBe(false);
  });

  it("follows its limits when they change", () => {
    let limits = { minMs: 10, maxMs: 20 };
    const pace = createPollPace(() => limits);
    pace.next();
    limits = { minMs: 500, maxMs: 2000 };
    expect(pace.next()).toBe(750);
  });
});
