import { describe, expect, it } from "vitest";
import { FakeClock } from "../../test/support/fake-clock.js";
import { sampleRequest } from "../../test/support/sample-request.js";
import { Revocations } from "./revocations.js";

describe("revocations", () => {
  it("cover a task by its id, for three hours", async () => {
    const clock = new FakeClock();
    const revoked = new Revocations(clock);
    const request = sampleRequest({ id: "a" });
    expect(revoked.covers(request)).toBe(false);
    revoked.add(["a"]);
    expect([revoked.covers(request), revoked.covers(sampleRequest({ id: "b" })), revoked.ids]).toEqual([
      true,
      false,
      ["a"],
    ]);
    await clock.advance(3 * 3_600_000);
    expect([revoked.covers(request), revoked.ids]).toEqual([false, []]);
  });

  it("forget the oldest ids when there are too many", () => {
    const revoked = new Revocations(new FakeClock());
    revoked.add(Array.from({ length: 50_001 }, (_, index) => `id-${index}`));
    expect(revoked.ids).toHaveLength(50_000);
    expect(revoked.covers(sampleRequest({ id: "id-0" }))).toBe(false);
    expect(revoked.covers(sampleRequest({ id: "id-50000" }))).toBe(true);
  });

  it("cover a task by a stamp, one value or a list", () => {
    const revoked = new Revocations(new FakeClock());
    revoked.addStamps("tenant", ["t1"]);
    const stamped = (tenant: unknown) => sampleRequest({ stampedHeaders: ["tenant"], stamps: { tenant } });
    expect(revoked.covers(stamped("t1"))).toBe(true);
    expect(revoked.covers(stamped(["t0", "t1"]))).toBe(true);
    expect(revoked.covers(stamped("t2"))).toBe(false);
    expect(revoked.covers(sampleRequest())).toBe(false);
  });
});
