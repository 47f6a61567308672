import type { AmqpSession } from "@celeriac/amqp-connection";
import type { Delivery, Queue } from "@celeriac/core/ports";
import type { Channel, ConsumeMessage } from "amqplib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeChannel } from "../../test/fake-channel.js";
import { AmqpConsumer } from "./amqp-consumer.js";
import { Reclaims } from "./reclaims.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const queueOf = (name: string, limit?: number): Queue => ({
  name,
  exchange: { name, type: "direct" },
  routingKey: name,
  ...(limit === undefined ? {} : { arguments: { "x-delivery-limit": limit } }),
});

async function stage(given: { readonly prefetch: number; readonly queues?: readonly Queue[]; noAck?: boolean }) {
  const { prefetch, queues = [queueOf("a"), queueOf("b")], noAck = false } = given;
  const channel = new FakeChannel();
  const reclaims = new Reclaims();
  const consumer = new AmqpConsumer({
    session: { lost: undefined } as unknown as AmqpSession, // all that is asked of it
    channel: channel as unknown as Channel,
    subscription: { queues, prefetch, noAck },
    channelId: "c",
    reclaims,
    onDelivery: () => undefined,
    onClosed: () => undefined,
  });
  await consumer.start();
  const seen: Delivery[] = [];
  const faults: unknown[] = [];
  void (async () => {
    for await (const batch of consumer) seen.push(...batch);
  })().catch((error: unknown) => faults.push(error));
  const ids = (): readonly unknown[] => seen.map(({ message }) => message?.headers.id);
  const returned = (): readonly string[] => channel.written.filter((line) => line.startsWith("return"));
  return { channel, consumer, reclaims, seen, faults, ids, returned };
}

const turn = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe("a window that closes over messages nobody has seen", () => {
  it("keeps them, and hands them out first when it opens again, without asking for more", async () => {
    const { channel, consumer, seen, ids, returned } = await stage({ prefetch: 1 });
    channel.push("a");
    channel.push("b");
    await turn();
    await consumer.setPrefetch(0);
    await seen[0]?.ack();
    expect([ids(), returned()]).toEqual([["m1"], []]);
    await consumer.setPrefetch(1);
    await turn();
    expect([ids(), returned()]).toEqual([["m1", "m2"], []]);
    expect(channel.written.filter((line) => line.startsWith("consume"))).toHaveLength(2);
  });

  it("gives them back once nobody here has wanted them for a while", async () => {
    const { channel, consumer, returned } = await stage({ prefetch: 1 });
    for (const queue of ["a", "b", "b"]) channel.push(queue);
    await turn();
    await consumer.setPrefetch(0);
    await vi.advanceTimersByTimeAsync(2999);
    expect(returned()).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(returned()).toEqual(["return 2", "return 3"]);
  });

  it("waits anew whenever one of them is handed out", async () => {
    const { channel, consumer, seen, ids, returned } = await stage({ prefetch: 1 });
    for (const queue of ["a", "b", "b"]) channel.push(queue);
    await turn();
    await consumer.setPrefetch(0);
    await seen[0]?.ack();
    await vi.advanceTimersByTimeAsync(2000);
    await consumer.setPrefetch(1);
    await turn();
    await consumer.setPrefetch(0);
    await vi.advanceTimersByTimeAsync(2000);
    expect([ids(), returned()]).toEqual([["m1", "m2"], []]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(returned()).toEqual(["return 3"]);
  });

  it("keeps what came back before, and what must not come back at all", async () => {
    const { channel, consumer, returned } = await stage({ prefetch: 1, queues: [queueOf("a"), queueOf("once", 0)] });
    channel.push("a");
    channel.push("a", { "x-delivery-count": 1 }, true);
    channel.push("once");
    await turn();
    await consumer.setPrefetch(0);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(returned()).toEqual([]);
    await consumer[Symbol.asyncDispose](); // then there is no other way
    expect(returned()).toEqual(["return 2", "return 3"]);
  });

  it("leaves those that settle on arrival for later", async () => {
    const { channel, consumer, ids } = await stage({ prefetch: 1, noAck: true });
    await consumer.setPrefetch(0);
    channel.push("a");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ids()).toEqual([]);
    await consumer.setPrefetch(1);
    await turn();
    expect(ids()).toEqual(["m1"]);
  });
});

describe("a window that stays narrow", () => {
  it("gives back what it has no room for, the youngest first", async () => {
    const { channel, consumer, seen, ids, returned } = await stage({ prefetch: 3, queues: [queueOf("a")] });
    for (let count = 0; count < 3; count += 1) channel.push("a");
    await turn();
    await consumer.setPrefetch(2);
    for (const delivery of seen.slice(0, 2)) await delivery.ack();
    for (let count = 0; count < 2; count += 1) channel.push("a");
    await turn();
    expect(ids()).toEqual(["m1", "m2", "m3", "m4"]);
    await vi.advanceTimersByTimeAsync(250);
    expect(returned()).toEqual([]);
    await vi.advanceTimersByTimeAsync(3000);
    expect([ids().length, returned()]).toEqual([4, ["return 5"]]);
  });

  it("keeps what waits for room while the server may push: it would come straight back", async () => {
    const { channel, consumer, returned } = await stage({ prefetch: 1 });
    channel.push("a");
    channel.push("b");
    await consumer.setPrefetch(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(returned()).toEqual([]);
  });
});

describe("a consumer", () => {
  it("asks another queue first each time, so that none fills a small window for ever", async () => {
    const { channel, consumer } = await stage({ prefetch: 1, queues: ["a", "b", "c"].map((name) => queueOf(name)) });
    for (let round = 0; round < 2; round += 1) {
      await consumer.setPrefetch(0);
      await consumer.setPrefetch(1);
    }
    const asked = channel.written.filter((line) => line.startsWith("consume")).map((line) => line.slice(-1));
    expect(asked.join("")).toBe("abcbcacab");
  });

  it("ends with its channel whatever the headers of what is held are, and takes it when it comes back", async () => {
    const { channel, seen, faults, reclaims } = await stage({ prefetch: 2 });
    channel.push("a", { retries: 2n ** 60n, id: 2n ** 61n });
    await turn();
    expect(() => channel.emit("close")).not.toThrow();
    await turn();
    expect(faults).toEqual([expect.objectContaining({ code: "BROKER_UNAVAILABLE" })]);
    const wire = {
      content: Buffer.from("[]"),
      fields: { deliveryTag: 9, redelivered: true, exchange: "", routingKey: "a", consumerTag: "a" },
      properties: { headers: { retries: 2n ** 60n, id: 2n ** 61n } },
    } as unknown as ConsumeMessage; // all that is read of it
    expect(reclaims.adopt({ wire, queue: "a", settlements: undefined })).toBe(true);
    expect(seen[0]?.isLost).toBe(false);
  });

  it("ends with its channel even when what is held cannot be told that it is lost", async () => {
    const { channel, faults, reclaims } = await stage({ prefetch: 2 });
    channel.push("a");
    await turn();
    vi.spyOn(reclaims, "add").mockImplementation(() => {
      throw new Error("broken");
    });
    expect(() => channel.emit("close")).toThrow("broken");
    await turn();
    expect(faults).toEqual([expect.objectContaining({ code: "BROKER_UNAVAILABLE" })]);
  });
});
