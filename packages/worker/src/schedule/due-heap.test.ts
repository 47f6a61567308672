import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DueHeap } from "./due-heap.js";

const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 });

function fill(dues: readonly number[]): DueHeap<number> {
  const heap = new DueHeap<number>();
  for (const [index, due] of dues.entries()) heap.push(due, index);
  return heap;
}

describe("DueHeap", () => {
  it("gives back in order of time, then of arrival", () => {
    fc.assert(
      fc.property(times, (dues) => {
        const heap = fill(dues);
        const out: number[] = [];
        for (let value = heap.popDue(100); value !== undefined; value = heap.popDue(100)) out.push(value);
        const expected = dues.map((due, index) => ({ due, index })).sort((a, b) => a.due - b.due || a.index - b.index);
        expect(out).toEqual(expected.map(({ index }) => index));
        expect(heap.size).toBe(0);
      }),
    );
  });

  it("never gives back what is not due", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 50 }), (dues, now) => {
        const heap = fill(dues);
        let count = 0;
        while (heap.popDue(now) !== undefined) count += 1;
        expect(count).toBe(dues.filter((due) => due <= now).length);
        expect(heap.nextMs ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now);
      }),
    );
  });

  it("takes out what is asked for, and stays in order", () => {
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 50 })),
        (dues, every, more) => {
          const heap = fill(dues);
          const before = heap.list().map(({ value }) => value);
          const isEach = (value: number): boolean => value % every === 0;
          expect(heap.extract(isEach)).toEqual(before.filter(isEach));
          for (const [index, due] of more.entries()) heap.push(due, 1000 + index);
          const left = heap.list().map(({ value }) => value);
          const out: number[] = [];
          for (let value = heap.popDue(100); value !== undefined; value = heap.popDue(100)) out.push(value);
          expect(out).toEqual(left);
          expect(out.filter((value) => value < 1000)).toEqual(before.filter((value) => !isEach(value)));
        },
      ),
    );
  });

  it("lists and drains soonest first, and is empty afterwards", () => {
    fc.assert(
      fc.property(times, (dues) => {
        const heap = fill(dues);
        const listed = heap.list().map(({ value }) => value);
        expect(heap.drain()).toEqual(listed);
        expect([heap.size, heap.nextMs, heap.popDue(100)]).toEqual([0, undefined, undefined]);
      }),
    );
  });
});
