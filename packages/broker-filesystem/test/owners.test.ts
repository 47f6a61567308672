import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { encodeEnvelope } from "@celeriac/core/protocol";
import { plainQueue, routeTo, sampleMessage } from "@celeriac/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createMessageName } from "../src/folder/message-name.js";
import { createFolderFixture } from "./folder-fixture.js";

const QUEUE = "owned";
let fixture: Awaited<ReturnType<typeof createFolderFixture>>;
beforeEach(async () => {
  fixture = await createFolderFixture();
  await fixture.broker.queues.length(QUEUE);
});
afterEach(() => fixture.cleanup());

/** An owner that is not us, holding one message, silent for `silentMs`. */
async function plantOwner(identity: Record<string, unknown>, silentMs: number): Promise<string> {
  const folder = join(fixture.folder, ".celeriac", "owners", "other");
  await mkdir(join(folder, "claimed"), { recursive: true });
  const record = join(folder, "owner.json");
  await writeFile(record, JSON.stringify(identity));
  const beatAt = new Date(Date.now() - silentMs);
  await utimes(record, beatAt, beatAt);
  const raw = encodeEnvelope(sampleMessage("held"), { exchange: "", routingKey: QUEUE, deliveryTag: "t" });
  await writeFile(join(folder, "claimed", `7~${createMessageName(QUEUE)}`), raw);
  return folder;
}

const elsewhere = { pid: 1, hostname: "another.host", startTime: "1", bootId: "another", pidNamespace: "pid:[1]" };

async function idsOfNext(count: number): Promise<readonly unknown[]> {
  const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch: Number.POSITIVE_INFINITY });
  const ids: unknown[] = [];
  for await (const batch of consumer) {
    ids.push(...batch.map((delivery) => [delivery.message?.headers.id, delivery.redelivered]));
    if (ids.length >= count) break;
  }
  return ids;
}

describe("claims of other owners", () => {
  it("come back, in front and flagged, when a machine we cannot ask is silent for longer than the lease", async () => {
    await plantOwner(elsewhere, 31_000);
    await fixture.broker.publish(sampleMessage("later"), routeTo(QUEUE));
    expect(await idsOfNext(2)).toEqual([
      ["held", true],
      ["later", false],
    ]);
    expect(await readdir(join(fixture.folder, ".celeriac", "owners"))).not.toContain("other");
  });

  it("stay while the other machine's heart beats", async () => {
    const folder = await plantOwner(elsewhere, 5_000);
    await fixture.broker.publish(sampleMessage("later"), routeTo(QUEUE));
    expect(await idsOfNext(1)).toEqual([["later", false]]);
    expect(await readdir(join(folder, "claimed"))).toHaveLength(1);
  });

  it("come back when nobody can say who the owner was and it is silent", async () => {
    await plantOwner({ not: "an identity", hostname: hostname() }, 31_000);
    expect(await idsOfNext(1)).toEqual([["held", true]]);
  });

  it("are lost to an owner that was taken for dead: its settlements say so", async () => {
    await fixture.broker.publish(sampleMessage("m0"), routeTo(QUEUE));
    const consumer = await fixture.broker.consume({ queues: [plainQueue(QUEUE)], prefetch: Number.POSITIVE_INFINITY });
    const { value } = await consumer[Symbol.asyncIterator]().next();
    const owners = join(fixture.folder, ".celeriac", "owners");
    const [own = ""] = await readdir(owners);
    const record = join(owners, own, "owner.json");
    await writeFile(record, JSON.stringify(elsewhere));
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(record, longAgo, longAgo);
    const peer = await fixture.createPeer();
    await peer.consume({ queues: [plainQueue("another")], prefetch: 1 });
    expect(await peer.queues.length(QUEUE)).toBe(1);
    await expect(value?.[0]?.ack()).rejects.toMatchObject({ code: "LEASE_LOST" });
  });
});
