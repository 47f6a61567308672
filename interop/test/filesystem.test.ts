import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { afterAll, beforeAll, expect, it } from "vitest";
import { everyType, showValue } from "../src/canonical-value.js";
import type { Fleet } from "../src/fleet.js";
import { openFleet, readLedger } from "../src/fleet.js";
import { createInteropApp } from "../src/interop-app.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import type { TransportKind } from "../src/stage/transport-kinds.js";
import { describePeers } from "./describe-peers.js";

const kinds: readonly TransportKind[] = ["filesystem+redis", "filesystem+file"];

for (const transport of kinds) {
  describePeers(`a folder shared by TypeScript and Python, ${transport}`, () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await openFleet({ transport });
    });
    afterAll(() => fleet?.[Symbol.asyncDispose]());

    const wait = { timeout: "15s" } as const;
    const run = (name: string, args: readonly unknown[], options: Record<string, unknown> = {}): Promise<PeerOutcome> =>
      fleet.client.ask<PeerOutcome>({ do: "send", name, args, options: { queue: "ts", ...options }, wait: 15 });

    it("runs a Python task for our client and ours for Python's", async () => {
      expect(await fleet.app.send("interop.side", [1], { queue: "py" }).get(wait)).toEqual(["python", 1]);
      expect((await run("interop.side", [2])).value).toEqual(["typescript", 2]);
    });

    it("carries every JSON type both ways", async () => {
      const every = showValue(everyType());
      expect(showValue(await fleet.app.send("interop.identity", [everyType()], { queue: "py" }).get(wait))).toEqual(
        every,
      );
      expect((await run("interop.identity", [every])).value).toEqual(every);
    });

    it("carries failures both ways", async () => {
      const failed = fleet.app.send("interop.fail", ["there"], { queue: "py" }).get(wait);
      await expect(failed).rejects.toMatchObject({ pyType: "ValueError", args: ["there"] });
      expect((await run("interop.fail", ["here"])).raised).toMatchObject({ name: "ValueError", args: ["here"] });
    });

    it("holds tasks until their ETA on both sides", async () => {
      const before = Date.now() / 1000;
      const path = fleet.ledger("eta");
      const theirs = fleet.app.send<number>("interop.note_time", [path], { queue: "py", countdown: 1 }).get(wait);
      const ours = await run("interop.note_time", [path], { countdown: 1 });
      expect(await theirs).toBeGreaterThanOrEqual(before + 1);
      expect(ours.value).toBeGreaterThanOrEqual(before + 1);
    });

    // Not on the Python side: kombu's reader moves files that kombu's writer has opened and not written yet, and so loses what
    // Python sends to itself.
    it("retries under the same id for Python's client", async () => {
      const outcome = await run("interop.retry_once", [0.2]);
      expect(outcome.value).toEqual({ id: outcome.id, retries: 1 });
    });

    it("follows links and compressed bodies across the sides", async () => {
      const path = fleet.ledger("link");
      const link = fleet.app.signature("interop.note_result", [], { queue: "py", kwargs: { path } });
      await fleet.app.send("interop.add", [2, 3], { queue: "ts", link, compression: "zlib" }).get(wait);
      await expect.poll(() => readLedger(path), { timeout: 10_000 }).toEqual(["python result 5"]);
    });

    it("shares one queue: every task runs exactly once", async () => {
      const path = fleet.ledger("shared");
      await using both = await joinFleet(fleet);
      const sent = Array.from({ length: 60 }, (_, index) =>
        both.app.send("interop.note", [path, `${index}`], { queue: "py" }),
      );
      await Promise.all(sent.map(async (sending) => (await sending).get({ timeout: "30s" })));
      const ran = (await readLedger(path)).map((line) => line.split(" ")[1]);
      expect(ran.sort()).toEqual(Array.from({ length: 60 }, (_, index) => `${index}`).sort());
    }, 60_000);
  });
}

/** A second worker of ours on the Python worker's queue, in the same folder. */
async function joinFleet(fleet: Fleet): Promise<{ readonly app: Fleet["app"] } & AsyncDisposable> {
  const app = createInteropApp(fleet.settings);
  const worker = createWorker(app, {
    queues: ["py"],
    pool: asyncPool({ concurrency: 2 }),
    hostname: "second@typescript",
  });
  await worker.start();
  return {
    app,
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await app.close();
    },
  };
}
