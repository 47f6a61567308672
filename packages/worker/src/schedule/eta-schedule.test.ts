import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FakeClock, settle } from "../../test/support/fake-clock.js";
import { EtaSchedule } from "./eta-schedule.js";

const T0 = 1_000_000;

describe("EtaSchedule", () => {
  it("never hands over early, hands over everything, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 6 }),
        async (delays, steps) => {
          const clock = new FakeClock(T0);
          const out: number[] = [];
          const schedule = new EtaSchedule<number>(clock, (values) => {
            for (const value of values) {
              expect(value).toBeLessThanOrEqual(clock.now());
              out.push(value);
            }
          });
          for (const delay of delays) schedule.hold(T0 + delay, T0 + delay);
          for (const step of steps) {
            await clock.advance(step);
            expect(out.length).toBe(delays.filter((delay) => T0 + delay <= clock.now()).length);
          }
          await clock.advance(200_000);
          expect(out).toEqual(delays.map((delay) => T0 + delay).sort((a, b) => a - b));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("wakes for a sooner one that comes later", async () => {
    const clock = new FakeClock(T0);
    const out: string[] = [];
    const schedule = new EtaSchedule<string>(clock, (values) => out.push(...values));
    schedule.hold(T0 + 50_000, "late");
    schedule.hold(T0 + 10, "soon");
    await clock.advance(10);
    expect(out).toEqual(["soon"]);
    expect(schedule.size).toBe(1);
  });

  it("hands over nothing after it was drained", async () => {
    const clock = new FakeClock(T0);
    const out: string[] = [];
    const schedule = new EtaSchedule<string>(clock, (values) => out.push(...values));
    schedule.hold(T0 + 20, "b");
    schedule.hold(T0 + 10, "a");
    expect(schedule.drain()).toEqual(["a", "b"]);
    await clock.advance(1000);
    expect(out).toEqual([]);
  });

  it("notices within a minute that the wall clock was set forward", async () => {
    let wallMs = T0;
    const timer = new FakeClock(0);
    const out: string[] = [];
    const clock = { now: () => wallMs, monotonic: timer.monotonic, sleep: timer.sleep.bind(timer) };
    const schedule = new EtaSchedule<string>(clock, (values) => out.push(...values));
    schedule.hold(T0 + 3_600_000, "in an hour");
    await settle();
    wallMs += 3_600_000;
    await timer.advance(60_000);
    expect(out).toEqual(["in an hour"]);
  });
});
