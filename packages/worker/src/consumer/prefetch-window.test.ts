import { describe, expect, it } from "vitest";
import { prefetchWindow } from "./prefetch-window.js";

describe("prefetchWindow", () => {
  it.each([
    // Celery: slots times multiplier; 0 is no limit; a held ETA task widens it by one.
    { slots: 4, multiplier: 4, fair: false, scheduled: 0, earlyAckedRunning: 0, window: 16 },
    { slots: 4, multiplier: 4, fair: false, scheduled: 3, earlyAckedRunning: 4, window: 19 },
    { slots: 4, multiplier: 0, fair: false, scheduled: 3, earlyAckedRunning: 0, window: Number.POSITIVE_INFINITY },
    // Fair: running tasks whose message is acked use a slot but no place.
    { slots: 4, multiplier: 4, fair: true, scheduled: 0, earlyAckedRunning: 0, window: 4 },
    { slots: 4, multiplier: 4, fair: true, scheduled: 0, earlyAckedRunning: 3, window: 1 },
    { slots: 4, multiplier: 4, fair: true, scheduled: 0, earlyAckedRunning: 4, window: 0 },
    { slots: 4, multiplier: 0, fair: true, scheduled: 2, earlyAckedRunning: 4, window: 2 },
  ])("$slots slots x $multiplier, fair $fair, $scheduled scheduled, $earlyAckedRunning early: $window", (row) => {
    expect(prefetchWindow(row)).toBe(row.window);
  });
});
