import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CreditState, planCredit } from "./plan-credit.js";

const state = (given: Partial<CreditState>): CreditState => ({
  window: 16,
  grants: [],
  orphans: 0,
  open: 0,
  ...given,
});

describe("planCredit", () => {
  it.each([
    ["starts with the whole window", {}, { kind: "add", credit: 16 }],
    ["keeps what fits", { grants: [16], open: 16 }, { kind: "keep" }],
    ["adds what a wider window is wider by", { window: 20, grants: [16] }, { kind: "add", credit: 4 }],
    ["does not start a consumer for a little", { window: 17, grants: [16] }, { kind: "keep" }],
    ["narrows to what is left", { window: 4, grants: [16], open: 3 }, { kind: "narrow", credit: 1 }],
    ["narrows to nothing when all is in hand", { window: 4, grants: [16], open: 9 }, { kind: "narrow", credit: 0 }],
    ["stops at 0", { window: 0, grants: [16] }, { kind: "restart", credit: 0 }],
    ["stays stopped at 0", { window: 0 }, { kind: "keep" }],
    ["counts deliveries of replaced consumers", { window: 4, orphans: 3, open: 3 }, { kind: "add", credit: 1 }],
    ["waits for them when they fill the window", { window: 4, orphans: 4, open: 4 }, { kind: "keep" }],
    [
      "has no limit",
      { window: Number.POSITIVE_INFINITY, grants: [4] },
      { kind: "restart", credit: Number.POSITIVE_INFINITY },
    ],
    ["keeps having none", { window: Number.POSITIVE_INFINITY, grants: [Number.POSITIVE_INFINITY] }, { kind: "keep" }],
    ["limits what had none", { window: 4, grants: [Number.POSITIVE_INFINITY], open: 1 }, { kind: "narrow", credit: 3 }],
    [
      "joins many small consumers",
      { window: 100, grants: Array(10).fill(5), open: 20 },
      { kind: "restart", credit: 80 },
    ],
  ] as const)("%s", (_name, given, plan) => {
    expect(planCredit(state({ ...given, grants: [...("grants" in given ? given.grants : [])] }))).toEqual(plan);
  });

  it("never lets the server push more than the window beyond what a narrower one left over", () => {
    const run = fc.array(fc.record({ window: fc.integer({ min: 0, max: 40 }), settled: fc.nat(10) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(run, (steps) => {
        let grants: readonly number[] = [];
        for (const { window } of steps) {
          const before = grants.reduce((sum, credit) => sum + credit, 0);
          const plan = planCredit(state({ window, grants }));
          if (plan.kind === "add") grants = [...grants, plan.credit];
          else if (plan.kind !== "keep") grants = plan.credit === 0 ? [] : [plan.credit];
          const after = grants.reduce((sum, credit) => sum + credit, 0);
          expect(after).toBeLessThanOrEqual(Math.max(window, plan.kind === "keep" ? before : 0));
          expect(window > 0 && after === 0).toBe(false);
        }
      }),
    );
  });
});
