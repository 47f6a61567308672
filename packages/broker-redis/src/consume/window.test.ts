import { describe, expect, it } from "vitest";
import { Window } from "./window.js";

describe("Window", () => {
  it("counts what is asked for, what arrived and what is settled", () => {
    const window = new Window(10);
    window.request(6);
    expect(window.room).toBe(4);
    window.arrive(6, 2);
    expect(window.room).toBe(8);
    window.handOver(2);
    expect(window.room).toBe(8);
    window.settle(1);
    expect(window.room).toBe(9);
  });

  it("has no room after it was narrowed below what is held", () => {
    const window = new Window(10);
    window.request(8);
    window.arrive(8, 8);
    window.prefetch = 3;
    expect(window.room).toBe(-5);
  });

  it("takes nothing with a prefetch count of 0", () => {
    expect(new Window(0).room).toBe(0);
  });

  it("without a limit stays a bounded distance ahead of the reader", () => {
    const window = new Window(Number.POSITIVE_INFINITY);
    window.request(Window.AHEAD);
    expect(window.room).toBe(0);
    window.arrive(Window.AHEAD, Window.AHEAD);
    expect(window.room).toBe(0);
    window.handOver(Window.AHEAD);
    expect(window.room).toBe(Window.AHEAD);
  });
});
