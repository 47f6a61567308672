import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Delivery } from "@celeriac/core/ports";
import { encodeEnvelope } from "@celeriac/core/protocol";
import { plainQueue, routeTo, sampleMessage } from "@celeriac/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { createMessageName, queueOf } from "../src/folder/message-name.js";
import type { FilesystemBrokerOptions } from "../src/index.js";
import { createFolderFixture } from "./folder-fixture.js";

const QUEUE = "cut";
const GOOD = Array.from({ length: 20 }, (_, index) => `good${index}`);
type Fixture = Awaited<ReturnType<typeof createFolderFixture>>;
let fixture: Fixture;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
  await fixture.cleanup();
});

async function start(options: FilesystemBrokerOptions = {}): Promise<Fixture> {
  fixture = await createFolderFixture(options);
  await fixture.broker.queues.length(QUEUE); // makes the folders
  return fixture;
}

/** Begins a message as kombu does: under its final name. @returns its name, and a function that writes the rest. */
async function begin(id: string): Promise<readonly [name: string, finish: () => Promise<void>]> {
  const text = encodeEnvelope(sampleMessage(id), { exchange: "", routingKey: QUEUE, deliveryTag: id });
  const name = createMessageName(QUEUE);
  const file = await open(join(fixture.folder, name), "w");
  ends.push(() => file.close());
  await file.write(text.slice(0, 40));
  return [name, async () => void (await file.write(text.slice(40)))];
}

async function publishGood(): Promise<void> {
  await fixture.broker.publishMany(GOOD.map((id) => [sampleMessage(id), routeTo(QUEUE)] as const));
}

/** Reads, and acks each message before the next is asked for. */
async function consume(prefetch: number, noAck = false): Promise<readonly Delivery[]> {
  const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch, noAck });
  const seen: Delivery[] = [];
  const reading = (async () => {
    for await (const batch of consumer) {
      for (const delivery of batch) {
        seen.push(delivery);
        await delivery.ack();
      }
    }
  })();
  ends.push(async () => {
    await consumer[Symbol.asyncDispose]();
    await reading;
  });
  return seen;
}

const ids = (seen: readonly Delivery[]): readonly unknown[] =>
  seen.map(({ message }) => message?.headers.id ?? "malformed");

describe("a message that ends in the middle", () => {
  it.each([
    [1, false],
    [100, false],
    [1, true],
  ])("holds up nobody, with a prefetch of %i and noAck %s", async (prefetch, noAck) => {
    await start({ partialGraceMs: 60_000 });
    const [, finish] = await begin("late");
    await publishGood();
    const startedAt = performance.now();
    const seen = await consume(prefetch, noAck);
    await expect.poll(() => ids(seen), { interval: 5 }).toEqual(GOOD);
    expect(performance.now() - startedAt).toBeLessThan(200);
    await finish();
    await expect.poll(() => ids(seen)).toEqual([...GOOD, "late"]);
    expect(await fixture.broker.queues.length(QUEUE)).toBe(0);
  });

  it("is malformed after a while, however many there are", async () => {
    await start({ partialGraceMs: 300 });
    for (let count = 0; count < 100; count += 1) await begin(`never${count}`);
    await publishGood();
    const seen = await consume(1);
    await expect.poll(() => ids(seen).slice(0, 20)).toEqual(GOOD);
    await expect.poll(() => seen.length).toBe(120);
    expect(seen.slice(20).every(({ malformed, raw }) => malformed !== undefined && raw().byteLength === 40)).toBe(true);
  });

  it("stays within the prefetch window when it is whole", async () => {
    await start({ partialGraceMs: 60_000 });
    const [, finish] = await begin("late");
    await fixture.broker.publish(sampleMessage("good"), routeTo(QUEUE));
    const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 1 });
    const batches = consumer[Symbol.asyncIterator]();
    const { value } = await batches.next();
    expect(ids(value ?? [])).toEqual(["good"]);
    const next = batches.next();
    await finish();
    const first = await Promise.race([next.then(() => "delivered"), new Promise((end) => setTimeout(end, 50, "none"))]);
    expect(first).toBe("none");
    await value?.[0]?.ack();
    expect(ids((await next).value ?? [])).toEqual(["late"]);
    await consumer[Symbol.asyncDispose]();
  });

  it("goes back under its own name when nobody waits for it any more", async () => {
    await start({ partialGraceMs: 60_000 });
    const [name, finish] = await begin("late");
    await fixture.broker.publish(sampleMessage("good"), routeTo(QUEUE));
    const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 10 });
    for await (const [good] of consumer) {
      await good?.ack();
      break;
    }
    await consumer[Symbol.asyncDispose]();
    expect((await readdir(fixture.folder)).filter((file) => queueOf(file) === QUEUE)).toEqual([name]);
    await finish();
    const seen = await consume(1);
    await expect.poll(() => seen.map(({ redelivered }) => redelivered)).toEqual([false]);
  });
});
