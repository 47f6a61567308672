import { describe, expect, it } from "vitest";
import { LossCounter } from "./loss-counter.js";

describe("LossCounter", () => {
  it("counts each task by itself, until it ends", () => {
    const counter = new LossCounter();
    expect([counter.count("a"), counter.count("a"), counter.count("b")]).toEqual([1, 2, 1]);
    counter.forget("a");
    expect([counter.count("a"), counter.count("b")]).toEqual([1, 2]);
  });

  it("G21: forgets the oldest beyond ten thousand", () => {
    const counter = new LossCounter();
    counter.count("first");
    counter.count("second");
    counter.count("first");
    for (let index = 0; index < 9_999; index += 1) counter.count(`t${index}`);
    expect(counter.count("first")).toBe(3);
    expect(counter.count("second")).toBe(1);
  });
});
