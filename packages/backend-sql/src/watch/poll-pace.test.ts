import { describe, expect, it } from "vitest";
import { channelName } from "./channel-name.js";
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

describe("the channel", () => {
  it("is named after the table, within PostgreSQL's limit", () => {
    expect(channelName({ schema: undefined, name: "celery_taskmeta" })).toBe("celeriac.celery_taskmeta");
    expect(channelName({ schema: "s", name: "t" })).toBe("celeriac.s.t");
    const long = channelName({ schema: "é".repeat(31), name: "t".repeat(63) });
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(63);
    expect(long).not.toContain("\u{fffd}");
  });
});
