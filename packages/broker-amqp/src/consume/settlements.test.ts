import type { Channel } from "amqplib";
import { describe, expect, it } from "vitest";
import { Settlements } from "./settlements.js";

/** Hears what a channel is told; nothing else of a channel is used. */
function stage(barrier: () => Promise<unknown> = async () => undefined) {
  const written: string[] = [];
  const channel = {
    ack: ({ fields }: { fields: { deliveryTag: number } }, multiple: boolean) =>
      written.push(`ack ${fields.deliveryTag}${multiple ? "+" : ""}`),
    nack: ({ fields }: { fields: { deliveryTag: number } }, multiple: boolean, requeue: boolean) =>
      written.push(`nack ${fields.deliveryTag} ${multiple} ${requeue}`),
    reject: ({ fields }: { fields: { deliveryTag: number } }, requeue: boolean) =>
      written.push(`${requeue ? "requeue" : "drop"} ${fields.deliveryTag}`),
  } as unknown as Channel;
  const settled: number[] = [];
  const settlements = new Settlements({ channel, barrier, onSettled: (tag) => settled.push(tag) });
  for (let tag = 1; tag <= 6; tag += 1) settlements.opened(tag);
  return { settlements, written, settled };
}

describe("Settlements", () => {
  it("writes the acks of one turn as one, after what is given back", async () => {
    const { settlements, written, settled } = stage();
    await Promise.all([
      settlements.settle(1, "ack"),
      settlements.settle(2, "requeue"),
      settlements.settle(4, "drop"),
      settlements.settle(3, "ack"),
      settlements.settle(6, "ack"),
    ]);
    expect(written).toEqual(["requeue 2", "drop 4", "ack 3+", "ack 6"]);
    expect(settled.sort()).toEqual([1, 2, 3, 4, 6]);
    expect(settlements.size).toBe(1);
  });

  it("returns what was never started with a nack, which RabbitMQ does not count as a failure", async () => {
    const { settlements, written } = stage();
    await Promise.all([settlements.settle(1, "ack"), settlements.settle(2, "return"), settlements.settle(3, "ack")]);
    expect(written).toEqual(["nack 2 false true", "ack 3+"]);
  });

  it("does not ack around a delivery that is settled in a later turn", async () => {
    const { settlements, written } = stage();
    const first = settlements.settle(2, "ack");
    queueMicrotask(() => undefined);
    await first;
    await Promise.all([settlements.settle(1, "requeue"), settlements.settle(3, "ack")]);
    expect(written).toEqual(["ack 2", "requeue 1", "ack 3"]);
  });

  it("settles a delivery once", async () => {
    const { settlements } = stage();
    const first = settlements.settle(1, "ack");
    await expect(settlements.settle(1, "requeue")).rejects.toMatchObject({ code: "LEASE_LOST" });
    await first;
    await expect(settlements.settle(1, "ack")).rejects.toMatchObject({ code: "LEASE_LOST" });
  });

  it("resolves only when the server has answered", async () => {
    const asked: (() => void)[] = [];
    const { settlements, settled } = stage(() => new Promise<void>((resolve) => asked.push(resolve)));
    const acked = settlements.settle(1, "ack");
    await new Promise(setImmediate);
    expect(settled).toEqual([]);
    for (const answer of asked) answer();
    await acked;
  });

  it("loses everything with its channel, what is on its way included", async () => {
    const { settlements, written } = stage(() => Promise.reject(new Error("Channel closed")));
    const onWay = settlements.settle(1, "ack");
    await expect(onWay).rejects.toMatchObject({ code: "LEASE_LOST" });
    settlements.lose("the connection was lost");
    await expect(settlements.settle(2, "ack")).rejects.toThrow(/the connection was lost/);
    expect(written).toEqual(["ack 1"]);
    expect(settlements.size).toBe(0);
  });
});
