import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Consumer } from "@celeriac/core/ports";
import { plainQueue, routeTo, sampleMessage } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFolderFixture } from "./folder-fixture.js";

const QUEUE = "kill";
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let fixture: Awaited<ReturnType<typeof createFolderFixture>>;
let ledger: string;
const children = new Set<ChildProcess>();
beforeEach(async () => {
  fixture = await createFolderFixture({ sweepIntervalMs: 50 });
  ledger = join(fixture.folder, "ledger.txt");
  await writeFile(ledger, "");
});
afterEach(async () => {
  await Promise.all([...children].map(kill));
  await fixture.cleanup();
});

async function start(name: string, ...args: string[]): Promise<ChildProcess> {
  const child = fork(script(name), [fixture.folder, ledger, ...args], { execArgv: [] });
  children.add(child);
  await once(child, "message");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

async function lines(): Promise<readonly string[]> {
  return (await readFile(ledger, "utf8")).split("\n").filter((line) => line !== "");
}

async function drain(consumer: Consumer, seen: Set<string | undefined>): Promise<void> {
  for await (const batch of consumer) {
    for (const delivery of batch) {
      seen.add(String(delivery.message?.headers.id));
      await delivery.ack();
    }
  }
}

describe("kill -9", { timeout: 60_000 }, () => {
  it("loses no message of a consumer killed at any moment", async () => {
    const ids = Array.from({ length: 3_000 }, (_, index) => `m${index}`);
    await fixture.broker.publishMany(ids.map((id) => [sampleMessage(id), routeTo(QUEUE)] as const));
    for (let round = 0; round < 6; round += 1) {
      const pair = await Promise.all([start("kill-consumer.mjs"), start("kill-consumer.mjs")]);
      await pause(Math.random() * 30);
      await Promise.all(pair.map(kill));
    }
    const handled = (await lines()).length;
    expect(handled).toBeGreaterThan(0);
    expect(handled).toBeLessThan(ids.length); // else nobody was killed at work

    const seen = new Set((await lines()).map((line) => line.split(" ")[0]));
    const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch: 50 });
    const drained = drain(consumer, seen);
    await expect.poll(() => seen.size, { timeout: 10_000 }).toBe(ids.length);
    await expect.poll(() => fixture.broker.queues.length(QUEUE), { timeout: 10_000 }).toBe(0);
    await consumer[Symbol.asyncDispose]();
    await drained;
    expect(seen).toEqual(new Set(ids));

    // At most what each of the 12 victims had in its hands is seen again, and it is flagged.
    const twice = (await lines()).length - new Set((await lines()).map((line) => line.split(" ")[0])).size;
    expect(twice).toBeLessThanOrEqual(12);
    await fixture.broker[Symbol.asyncDispose]();
    expect(await readdir(join(fixture.folder, ".celeriac", "owners"))).toEqual([]);
  });

  it("keeps every message whose publish has resolved, and shows none in part", async () => {
    for (let round = 0; round < 4; round += 1) {
      const publisher = await start("kill-publisher.mjs", String(round));
      await pause(Math.random() * 60);
      await kill(publisher);
    }
    const accepted = await lines();
    expect(accepted.length).toBeGreaterThan(0);
    const consumer = await fixture.broker.consume({
      queues: [plainQueue(QUEUE)],
      prefetch: Number.POSITIVE_INFINITY,
      noAck: true,
    });
    const found: string[] = [];
    for await (const batch of consumer) {
      for (const delivery of batch) {
        expect(delivery.malformed).toBeUndefined();
        expect(delivery.message?.body.byteLength).toBe(10_000);
        found.push(String(delivery.message?.headers.id));
      }
      if ((await fixture.broker.queues.length(QUEUE)) === 0) break;
    }
    expect(found.length).toBe(new Set(found).size);
    expect(accepted.filter((id) => !found.includes(id))).toEqual([]);
    expect(found.length - accepted.length).toBeLessThanOrEqual(4); // stored, but killed before it could say so
  });
});
