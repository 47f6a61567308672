import { describe, expect, it } from "vitest";
import { channelName } from "./channel-name.js";

describe("the channel", () => {
  it("is named after the table, within PostgreSQL's limit", () => {
    expect(channelName({ schema: undefined, name: "celery_taskmeta" })).toBe("celeriac.celery_taskmeta");
    expect(channelName({ schema: "s", name: "t" })).toBe("celeriac.s.t");
    const long = channelName({ schema: "é".repeat(31), name: "t".repeat(63) });
    expect(Buffer.byteLength(long)).toBeLessThanOrEqual(63);
    expect(long).not.toContain("\u{fffd}");
  });
});
