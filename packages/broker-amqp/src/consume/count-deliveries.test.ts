import { describe, expect, it } from "vitest";
import { countDeliveries } from "./count-deliveries.js";

describe("countDeliveries", () => {
  it.each([
    [undefined, 0],
    [{}, 0],
    [{ "x-delivery-count": 3 }, 3],
    [{ "x-delivery-count": 3n }, 3],
    [{ "x-delivery-count": "many" }, 0],
    [{ "x-delivery-count": -1 }, 0],
    [{ "x-delivery-count": { nested: 1 } }, 0],
  ])("reads %o as %d", (headers, count) => {
    expect(countDeliveries(headers)).toBe(count);
  });
});
