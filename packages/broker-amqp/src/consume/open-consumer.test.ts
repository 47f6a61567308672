import type { AmqpLink, AmqpSession, Topology } from "@celeriac/amqp-connection";
import { createDeferred } from "@celeriac/core/lifecycle";
import type { Consumer, Delivery } from "@celeriac/core/ports";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeChannel } from "../../test/fake-channel.js";
import { createConsumers } from "./open-consumer.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const queue = { name: "a", exchange: { name: "a", type: "direct" }, routingKey: "a" } as const;
const subscription = { queues: [queue], prefetch: 1 };

/** Connects when the test says so. */
function stage() {
  const server: { up: Promise<unknown> } = { up: Promise.resolve() };
  const channels: FakeChannel[] = [];
  const session = {
    lost: undefined,
    openChannel: async () => {
      const channel = new FakeChannel();
      channels.push(channel);
      return channel;
    },
  } as unknown as AmqpSession; // all that is asked of it
  const link = {
    isClosed: false,
    connect: () => server.up.then(() => session),
    unavailable: () => new Error("the server is away"),
  } as unknown as AmqpLink; // all that is asked of it
  const topology = { forgetQueue: () => undefined, declare: async () => undefined } as unknown as Topology; // the same
  const receiveDelayed = async (): Promise<void> => undefined;
  const onDelivery = (): void => undefined;
  const consumers = createConsumers({ link, topology, timeoutMs: 600_000, receiveDelayed, onDelivery });
  return { server, channels, consumers };
}

async function first(consumer: Consumer): Promise<Delivery> {
  const step = await consumer[Symbol.asyncIterator]().next();
  if (step.done === true || step.value[0] === undefined) throw new Error("no delivery");
  return step.value[0];
}

/** What became of an ack; `undefined` until then. */
function watch(ack: Promise<void>): () => unknown {
  let outcome: unknown;
  ack.then(
    () => {
      outcome = "counted";
    },
    (error: { readonly code: unknown }) => {
      outcome = error.code;
    },
  );
  return () => outcome;
}

describe("an ack whose connection was lost", () => {
  it("outlasts any outage while somebody is connecting, and counts when the message comes back", async () => {
    const { server, channels, consumers } = stage();
    const opened = await consumers.open(subscription);
    channels[0]?.push("a", { id: "t" });
    const delivery = await first(opened);
    channels[0]?.emit("close");
    const up = createDeferred<void>();
    server.up = up.promise;
    const outcome = watch(delivery.ack());
    const again = consumers.open(subscription);
    await vi.advanceTimersByTimeAsync(300_000);
    expect(outcome()).toBeUndefined();
    up.resolve();
    await again;
    channels[1]?.push("a", { id: "t" }, true);
    await vi.advanceTimersByTimeAsync(0);
    expect([outcome(), channels[1]?.written.includes("ack 1")]).toEqual(["counted", true]);
  });

  it("is void when the queue is consumed again and the message does not come", async () => {
    const { channels, consumers } = stage();
    const opened = await consumers.open(subscription);
    channels[0]?.push("a");
    const delivery = await first(opened);
    channels[0]?.emit("close");
    await consumers.open(subscription);
    const outcome = watch(delivery.ack());
    await vi.advanceTimersByTimeAsync(4999);
    expect(outcome()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome()).toBe("LEASE_LOST");
  });

  it("is void soon after nobody tries to connect any more, though connecting never ends", async () => {
    const { server, channels, consumers } = stage();
    const opened = await consumers.open(subscription);
    channels[0]?.push("a");
    const delivery = await first(opened);
    channels[0]?.emit("close");
    server.up = createDeferred<void>().promise;
    const shutdown = new AbortController();
    const again = consumers.open(subscription, { signal: shutdown.signal }).catch(() => undefined);
    const outcome = watch(delivery.ack());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(outcome()).toBeUndefined();
    shutdown.abort();
    await again;
    await vi.advanceTimersByTimeAsync(5000);
    expect(outcome()).toBe("LEASE_LOST");
  });
});
