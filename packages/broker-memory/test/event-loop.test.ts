import { once } from "node:events";
import { plainQueue, routeTo, sampleMessage } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { memoryBroker } from "../src/index.js";

const QUEUE = "endless";
/** Far more than are delivered between two turns; without any turn the loops end here instead of never. */
const ENOUGH = 100_000;

let broker: ReturnType<typeof memoryBroker>;
beforeEach(() => {
  broker = memoryBroker();
});
afterEach(() => broker[Symbol.asyncDispose]());

/** Gives every message back until `signal` is aborted; resolves with how many that were. */
async function requeueUntil(signal: AbortSignal, prefetch: number): Promise<number> {
  const consumer = await broker.consume({ queues: [plainQueue(QUEUE)], prefetch });
  let count = 0;
  for await (const batch of consumer) {
    for (const delivery of batch) await delivery.reject({ requeue: true });
    count += batch.length;
    if (signal.aborted || count >= ENOUGH) break;
  }
  await consumer[Symbol.asyncDispose]();
  return count;
}

describe("a task that is sent again for ever", () => {
  it.each([1, 10])("lets timers fire, with a prefetch of %i", async (prefetch) => {
    const messages = Array.from({ length: prefetch }, (_, index) => sampleMessage(`m${index}`));
    await broker.publishMany(messages.map((message) => [message, routeTo(QUEUE)] as const));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 0);
    expect(await requeueUntil(stop.signal, prefetch)).toBeLessThan(ENOUGH);
  });

  it("lets timers fire when two consumers hand it to each other", async () => {
    await broker.publish(sampleMessage("m0"), routeTo(QUEUE));
    const stop = new AbortController();
    const stopped = once(stop.signal, "abort");
    setTimeout(() => stop.abort(), 0);
    const first = requeueUntil(stop.signal, 1);
    const second = requeueUntil(stop.signal, 1);
    await stopped;
    await broker.publish(sampleMessage("m1"), routeTo(QUEUE)); // the other one may have nothing to end on
    await broker.publish(sampleMessage("m2"), routeTo(QUEUE));
    expect((await Promise.all([first, second])).every((count) => count < ENOUGH)).toBe(true);
  });
});
