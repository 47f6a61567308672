import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { automaticRetryDelay } from "./retry-delay.js";

/** celery/utils/time.py get_exponential_backoff_interval, as celery/app/autoretry.py calls it, with `randrange` given. */
function celeryInterval(
  backoff: number,
  retries: number,
  maximum: number,
  randrange?: (stop: number) => number,
): number {
  const countdown = Math.min(maximum, Math.trunc(Math.max(1, backoff)) * 2 ** retries);
  return Math.max(0, randrange === undefined ? countdown : randrange(countdown + 1));
}

describe("automaticRetryDelay", () => {
  it("is Celery's formula, with and without jitter", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1000, noNaN: true }),
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (backoff, retries, backoffMax, random) => {
          const policy = { backoff, backoffMax };
          expect(automaticRetryDelay({ ...policy, jitter: false }, retries, 180, () => random)).toBe(
            celeryInterval(backoff, retries, backoffMax),
          );
          expect(automaticRetryDelay(policy, retries, 180, () => random)).toBe(
            celeryInterval(backoff, retries, backoffMax, (stop) => Math.floor(random * stop)),
          );
        },
      ),
    );
  });

  // Figures of Celery 5.6.3, printed by get_exponential_backoff_interval(factor, retries, 600).
  it.each([
    [true, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]],
    [5, [5, 10, 20, 40, 80, 160, 320, 600]],
    [0.5, [1, 2, 4]],
  ])("backoff %s gives %j", (backoff, expected) => {
    const delays = expected.map((_, retries) => automaticRetryDelay({ backoff, jitter: false }, retries, 180, () => 0));
    expect(delays).toEqual(expected);
  });

  it("without backoff is the policy's delay, else the task's; jitter does not touch it", () => {
    expect(automaticRetryDelay({}, 3, 180, () => 0)).toBe(180);
    expect(automaticRetryDelay({ delay: "5s" }, 3, 180, () => 0)).toBe(5);
    expect(automaticRetryDelay({ backoff: 0 }, 3, 7, () => 0)).toBe(7);
  });

  it("stays within a cap of less than a second", () => {
    const policy = { backoff: true, backoffMax: "500ms" } as const;
    expect(automaticRetryDelay({ ...policy, jitter: false }, 9, 180, () => 0.99)).toBe(0.5);
    expect(automaticRetryDelay(policy, 9, 180, () => 0.99)).toBeLessThanOrEqual(0.5);
  });
});
