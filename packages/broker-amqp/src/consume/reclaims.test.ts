import type { ConsumeMessage } from "amqplib";
import { describe, expect, it } from "vitest";
import { type DeliverySource, HeldClaim } from "./held-claim.js";
import { Reclaims } from "./reclaims.js";
import { leaseLost, type Settlement, type Settlements } from "./settlements.js";

interface Given {
  readonly id?: string;
  readonly tag?: number;
  readonly redelivered?: boolean;
  readonly body?: string;
  readonly retries?: number;
  readonly queue?: string;
}

/** A channel that settles, until it is lost. */
function channel() {
  const settled: string[] = [];
  const state = { isLost: false };
  const settlements = {
    hold: () => undefined,
    get isLost() {
      return state.isLost;
    },
    settle: async (tag: number, how: Settlement) => {
      if (state.isLost) throw leaseLost("its channel was closed");
      settled.push(`${how} ${tag}`);
    },
  } as unknown as Settlements; // all that a claim uses
  return { settlements, settled, lose: () => (state.isLost = true) };
}

function source(settlements: Settlements, given: Given = {}): DeliverySource {
  const { id = "a", tag = 1, redelivered = false, body = "body", retries = 0, queue = "q" } = given;
  const wire = {
    content: Buffer.from(body),
    fields: { deliveryTag: tag, redelivered, exchange: "", routingKey: queue, consumerTag: "c" },
    properties: { correlationId: id, headers: { id, retries } },
  } as unknown as ConsumeMessage; // all that is read of it
  return { wire, queue, settlements };
}

describe("Reclaims", () => {
  it("gives a message that comes back to whoever holds it, and settles it there", async () => {
    const reclaims = new Reclaims();
    const [first, second] = [channel(), channel()];
    const claim = new HeldClaim(source(first.settlements), reclaims);
    first.lose();
    reclaims.add(claim);
    expect(reclaims.adopt(source(second.settlements, { tag: 7, redelivered: true }))).toBe(true);
    await claim.settle("ack");
    expect(second.settled).toEqual(["ack 7"]);
    await expect(claim.settle("ack")).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  it("repeats an ack that was on its way when the channel ended", async () => {
    const reclaims = new Reclaims();
    const [first, second] = [channel(), channel()];
    const claim = new HeldClaim(source(first.settlements), reclaims);
    first.lose();
    const acked = claim.settle("ack");
    await new Promise(setImmediate);
    expect(reclaims.adopt(source(second.settlements, { tag: 3, redelivered: true }))).toBe(true);
    await acked;
    expect(second.settled).toEqual(["ack 3"]);
  });

  it("waits for a while only, and then leaves the message to others", async () => {
    const reclaims = new Reclaims(20);
    const [first, second] = [channel(), channel()];
    const claim = new HeldClaim(source(first.settlements), reclaims);
    first.lose();
    await expect(claim.settle("ack")).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(reclaims.adopt(source(second.settlements, { redelivered: true }))).toBe(false);
  });

  it("does not wait to give back what is back already, nor once it is closed", async () => {
    const reclaims = new Reclaims(60_000);
    const first = channel();
    const [back, waiting, late] = ["a", "b", "c"].map(
      (id) => new HeldClaim(source(first.settlements, { id }), reclaims),
    );
    first.lose();
    await expect(back?.settle("requeue")).rejects.toMatchObject({ code: "LEASE_LOST" });
    const pending = waiting?.settle("ack");
    await new Promise(setImmediate);
    reclaims.close();
    await expect(pending).rejects.toMatchObject({ code: "LEASE_LOST" });
    await expect(late?.settle("ack")).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  it.each(["requeue", "return"] as const)(
    "leaves alone what was given up (%s): its message is a new one",
    async (how) => {
      const reclaims = new Reclaims();
      const [first, second] = [channel(), channel()];
      const claim = new HeldClaim(source(first.settlements), reclaims);
      expect(claim.isLost).toBe(false);
      first.lose();
      reclaims.add(claim);
      expect(claim.isLost).toBe(true);
      await expect(claim.settle(how)).rejects.toMatchObject({ code: "LEASE_LOST" });
      expect(reclaims.adopt(source(second.settlements, { tag: 7, redelivered: true }))).toBe(false);
    },
  );

  it("is not lost any more when its message has come back", () => {
    const reclaims = new Reclaims();
    const [first, second] = [channel(), channel()];
    const claim = new HeldClaim(source(first.settlements), reclaims);
    first.lose();
    reclaims.add(claim);
    reclaims.adopt(source(second.settlements, { tag: 7, redelivered: true }));
    expect(claim.isLost).toBe(false);
  });

  it.each([
    ["comes for the first time", { redelivered: false }],
    ["is of another queue", { queue: "other" }],
    ["has another id", { id: "b" }],
    ["is another attempt", { retries: 1 }],
    ["has another body", { body: "other" }],
  ])("does not take a message for one of ours that %s", (_what, given) => {
    const reclaims = new Reclaims();
    const { settlements } = channel();
    reclaims.add(new HeldClaim(source(settlements), reclaims));
    expect(reclaims.adopt(source(settlements, { tag: 2, redelivered: true, ...given }))).toBe(false);
  });

  it("gives each of two equal messages a delivery of its own", async () => {
    const reclaims = new Reclaims();
    const [first, second] = [channel(), channel()];
    const claims = [1, 2].map((tag) => new HeldClaim(source(first.settlements, { tag }), reclaims));
    first.lose();
    for (const claim of claims) reclaims.add(claim);
    const adopted = [11, 12, 13].map((tag) => reclaims.adopt(source(second.settlements, { tag, redelivered: true })));
    expect(adopted).toEqual([true, true, false]);
    for (const claim of claims) await claim.settle("ack");
    expect(second.settled).toEqual(["ack 11", "ack 12"]);
  });
});
