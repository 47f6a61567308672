import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Broker, Delivery } from "@celeriac/core/ports";
import { plainQueue, routeTo, sampleMessage } from "@celeriac/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { queueOf } from "../src/folder/message-name.js";
import type { FilesystemBrokerOptions } from "../src/index.js";
import { createFolderFixture } from "./folder-fixture.js";

const QUEUE = "hello";
type Fixture = Awaited<ReturnType<typeof createFolderFixture>>;
let fixture: Fixture;
afterEach(() => fixture.cleanup());

async function open(options: FilesystemBrokerOptions = {}): Promise<Fixture> {
  fixture = await createFolderFixture(options);
  return fixture;
}

async function takeOne(broker: Broker): Promise<Delivery | undefined> {
  const consumer = await broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 1 });
  for await (const [delivery] of consumer) return delivery;
  return undefined;
}

describe("the folder", () => {
  it("holds one file per message, and nothing of it once it is acked and the broker closed", async () => {
    const { broker, folder } = await open();
    await broker.publish(sampleMessage("m0"), routeTo(QUEUE));
    expect((await readdir(folder)).filter((name) => queueOf(name) === QUEUE)).toHaveLength(1);
    await (await takeOne(broker))?.ack();
    await broker[Symbol.asyncDispose]();
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual([`${QUEUE}.exchange`]);
  });

  it("keeps acked messages under their names when it is told to", async () => {
    const { broker, folder } = await open({ storeProcessed: true });
    await broker.publish(sampleMessage("m0"), routeTo(QUEUE));
    const names = (await readdir(folder)).filter((name) => queueOf(name) === QUEUE);
    await (await takeOne(broker))?.ack();
    expect(await readdir(join(folder, "processed"))).toEqual(names);
  });

  it("tells where a message was published", async () => {
    const { broker } = await open();
    const queue = { ...plainQueue(QUEUE), exchange: { name: "news", type: "direct" }, routingKey: "sport" } as const;
    await broker.publish(sampleMessage("m0"), { exchange: "news", routingKey: "sport", queue });
    const published = await takeOne(broker);
    expect([published?.exchange, published?.routingKey, published?.queue]).toEqual(["news", "sport", QUEUE]);
    await broker.publish(sampleMessage("m1"), routeTo(QUEUE));
    const sent = await takeOne(broker);
    expect([sent?.exchange, sent?.routingKey]).toEqual(["", QUEUE]);
  });

  it("is written through to the disk when it is told to", async () => {
    const { broker } = await open({ fsync: true });
    await broker.publish(sampleMessage("m0"), routeTo(QUEUE));
    const delivery = await takeOne(broker);
    await delivery?.restore();
    expect(await broker.queues.length(QUEUE)).toBe(1);
  });

  it("that goes away ends the iteration with a retryable error, and can be consumed again", async () => {
    const { broker, folder } = await open({ pollIntervalMs: 20, sweepIntervalMs: 60_000 });
    const subscription = { queues: [plainQueue(QUEUE)], prefetch: 1 };
    const waiting = (await broker.consume(subscription))[Symbol.asyncIterator]().next();
    const lost = { code: "BROKER_UNAVAILABLE", retryable: true };
    const ended = expect(waiting).rejects.toMatchObject(lost);
    await rm(folder, { recursive: true });
    await ended;
    await expect(broker.publish(sampleMessage("m0"), routeTo(QUEUE))).rejects.toMatchObject(lost);
    await broker.publish(sampleMessage("m1"), routeTo(QUEUE)); // the folders were made again
    expect(await broker.queues.length(QUEUE)).toBe(1);
  });

  it("refuses messages for queues that cannot be file names", async () => {
    const { broker } = await open();
    const publish = broker.publish(sampleMessage("m0"), { exchange: "", routingKey: "a/b" });
    await expect(publish).rejects.toMatchObject({ code: "BROKER_REFUSED", retryable: false });
  });
});

describe("a process that only publishes", () => {
  it("ends by itself, without closing its broker", async () => {
    const { folder } = await open();
    const script = fileURLToPath(new URL("publish-once.mjs", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, folder], { timeout: 10_000 });
    expect(stdout.trim()).toBe("published");
  });
});

describe("a binding that somebody else destroys", () => {
  it("is made again while it is listened on, and gone when the listener is", async () => {
    const { broker, folder } = await open({ sweepIntervalMs: 20 });
    const heard: string[] = [];
    const queue = {
      name: "ears",
      exchange: { name: "news", type: "fanout" },
      routingKey: "",
      autoDelete: true,
    } as const;
    const listening = await broker.fanout?.listen(queue, (message) => heard.push(String(message.headers.id)));
    const table = join(folder, "control", "news.exchange");
    await writeFile(table, "[]");
    await expect.poll(() => readFile(table, "utf8")).toContain("ears");
    await broker.fanout?.broadcast(sampleMessage("m0"), "news", "");
    await expect.poll(() => heard).toEqual(["m0"]);
    await listening?.[Symbol.asyncDispose]();
    expect(await readFile(table, "utf8")).toBe("[]");
    expect((await readdir(folder)).filter((name) => queueOf(name) === "ears")).toEqual([]);
  });
});
