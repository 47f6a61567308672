import { describe, expect, it } from "vitest";
import { LeaseBoard } from "./lease-board.js";

const VISIBILITY_MS = 1000;

describe("LeaseBoard", () => {
  it("shares the highest number with whoever has its memory", () => {
    const board = new LeaseBoard(VISIBILITY_MS);
    board.highest = 7;
    expect(new LeaseBoard(VISIBILITY_MS, board.memory).highest).toBe(7);
  });

  it("doubts a claim that nothing was heard of for a visibility timeout", () => {
    const board = new LeaseBoard(VISIBILITY_MS);
    expect(board.isDoubtful(1, 5000, 5999)).toBe(false);
    expect(board.isDoubtful(1, 5000, 6000)).toBe(true);
    board.begin(5000);
    board.renewed(1, 5800, 5810);
    expect(board.isDoubtful(1, 5000, 6000)).toBe(false);
    expect(board.isDoubtful(1, 5000, 6800)).toBe(true);
  });

  it("doubts what was claimed long before the first renewal", () => {
    const board = new LeaseBoard(VISIBILITY_MS);
    board.begin(5000);
    board.renewed(1, 5990, 6001);
    expect(board.isDoubtful(1, 5000, 6002)).toBe(true);
  });

  it("doubts what was held before a renewal that came too late, and nothing that is newer", () => {
    const board = new LeaseBoard(VISIBILITY_MS);
    board.begin(4500);
    board.renewed(3, 5000, 5010);
    board.renewed(4, 5990, 5999); // just in time
    expect(board.isDoubtful(4, 4900, 6000)).toBe(false);
    board.renewed(9, 6900, 7000); // it was sent in time, but nobody knows when it was done
    expect(board.isDoubtful(9, 6890, 7001)).toBe(true);
    expect(board.isDoubtful(10, 7000, 7001)).toBe(false);
    board.renewed(12, 7500, 7510);
    expect(board.isDoubtful(9, 6890, 7511)).toBe(true);
    expect(board.isDoubtful(12, 7000, 7511)).toBe(false);
  });
});
