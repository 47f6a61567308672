import { describe, expect, it } from "vitest";
import { createFailover } from "./failover.js";

describe("createFailover", () => {
  it("goes through the servers in their order, and stays with one that works", () => {
    const failover = createFailover(["a", "b", "c"], "round-robin");
    expect(failover.current()).toBe("a");
    expect([failover.advance(), failover.current()]).toEqual([false, "b"]);
    failover.succeeded();
    expect(failover.current()).toBe("b");
    const rounds = [failover.advance(), failover.advance(), failover.advance()];
    expect([rounds, failover.current()]).toEqual([[false, false, true], "b"]);
  });

  it("shuffles each round anew, and leaves no server out", () => {
    let seed = 1;
    const random = (): number => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const failover = createFailover(["a", "b", "c", "d"], "shuffle", random);
    const orders = Array.from({ length: 6 }, () => {
      const order = Array.from({ length: 4 }, () => {
        const server = failover.current();
        failover.advance();
        return server;
      });
      expect([...order].sort()).toEqual(["a", "b", "c", "d"]);
      return order.join("");
    });
    expect(new Set(orders).size).toBeGreaterThan(1);
  });
});
