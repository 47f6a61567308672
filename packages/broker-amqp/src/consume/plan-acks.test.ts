import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planAcks } from "./plan-acks.js";

describe("planAcks", () => {
  it("acks everything below the oldest open delivery at once", () => {
    expect(planAcks([3, 1, 2], undefined)).toEqual([{ tag: 3, multiple: true }]);
    expect(planAcks([5, 1, 2, 7], 4)).toEqual([
      { tag: 2, multiple: true },
      { tag: 5, multiple: false },
      { tag: 7, multiple: false },
    ]);
  });

  it("does not say multiple for one", () => {
    expect(planAcks([9], 10)).toEqual([{ tag: 9, multiple: false }]);
    expect(planAcks([], 1)).toEqual([]);
  });

  it("settles exactly what it was asked to, whatever is open", () => {
    const deliveries = fc.uniqueArray(fc.nat(200), { maxLength: 60 });
    fc.assert(
      fc.property(deliveries, fc.infiniteStream(fc.boolean()), (tags, choose) => {
        const acked = tags.filter(() => choose.next().value);
        const open = tags.filter((tag) => !acked.includes(tag));
        const left = new Set(tags);
        for (const { tag, multiple } of planAcks(acked, open.length === 0 ? undefined : Math.min(...open))) {
          for (const other of [...left]) if (other === tag || (multiple && other < tag)) left.delete(other);
        }
        expect([...left].sort()).toEqual(open.sort());
      }),
    );
  });
});
