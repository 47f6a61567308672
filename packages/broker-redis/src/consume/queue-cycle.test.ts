import { describe, expect, it } from "vitest";
import { createQueueCycle } from "./queue-cycle.js";

describe("createQueueCycle", () => {
  it("round_robin puts the queue that was served last", () => {
    const cycle = createQueueCycle("round_robin", ["a", "b", "c"]);
    cycle.served("a");
    expect(cycle.order()).toEqual(["b", "c", "a"]);
    cycle.served("c");
    expect(cycle.order()).toEqual(["b", "a", "c"]);
    expect(cycle.fair).toBe(true);
  });

  it("sorted keeps to the alphabet", () => {
    const cycle = createQueueCycle("sorted", ["b", "a"]);
    cycle.served("a");
    expect(cycle.order()).toEqual(["a", "b"]);
  });

  it("priority keeps to the given order", () => {
    const cycle = createQueueCycle("priority", ["b", "a"]);
    cycle.served("b");
    expect(cycle.order()).toEqual(["b", "a"]);
    expect(cycle.fair).toBe(false);
  });
});
