import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FifoQueue } from "./fifo-queue.js";

describe("FifoQueue", () => {
  it("behaves like an array, at any length", () => {
    const command = fc.oneof(
      fc.record({ op: fc.constant("push" as const), count: fc.integer({ min: 1, max: 1500 }) }),
      fc.record({ op: fc.constant("shift" as const), count: fc.integer({ min: 1, max: 1500 }) }),
      fc.record({ op: fc.constant("drain" as const), count: fc.constant(1) }),
      fc.record({ op: fc.constant("extract" as const), count: fc.integer({ min: 1, max: 5 }) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        const queue = new FifoQueue<number>();
        let model: number[] = [];
        let next = 0;
        for (const { op, count } of commands) {
          const [given, wanted]: (number | undefined)[][] = [[], []];
          for (let turn = 0; turn < count; turn += 1) {
            if (op === "push") {
              queue.push(next);
              model.push(next);
              next += 1;
            } else if (op === "shift") {
              given?.push(queue.shift());
              wanted?.push(model.shift());
            } else if (op === "extract") {
              const isEach = (item: number): boolean => item % (count + 1) === 0;
              given?.push(...queue.extract(isEach));
              wanted?.push(...model.filter(isEach));
              model = model.filter((item) => !isEach(item));
            } else {
              given?.push(...queue.drain());
              wanted?.push(...model);
              model = [];
            }
          }
          expect(given).toEqual(wanted);
          expect(queue.size).toBe(model.length);
        }
        expect([...queue]).toEqual(model);
      }),
      { numRuns: 30 },
    );
  });
});
