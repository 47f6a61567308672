import { createWorker } from "@celeriac/worker";
import { asyncPool } from "@celeriac/worker/async";
import { afterEach, expect, it } from "vitest";
import type { Fleet, FleetOptions } from "../src/fleet.js";
import { openFleet, readLedger } from "../src/fleet.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { startPythonWorker } from "../src/peer/python-worker.js";
import { describeTransports } from "./describe-peers.js";

describeTransports(["redis", "amqp"], "queues shared by TypeScript and Python", (transport) => {
  const opened: AsyncDisposable[] = [];
  const open = async (options: FleetOptions): Promise<Fleet> => {
    const fleet = await openFleet({ transport, ...options });
    opened.push(fleet);
    return fleet;
  };
  afterEach(async () => {
    for (const part of opened.splice(0).reverse()) await part[Symbol.asyncDispose]();
  });

  it("runs each of 500 tasks on one queue exactly once, on one worker or the other", async () => {
    const fleet = await open({ pythonQueues: ["shared"], ourQueues: ["shared"] });
    const path = fleet.ledger("shared");
    const sent = await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        fleet.app.send("interop.note", [path, `task-${index}`], { queue: "shared" }),
      ),
    );
    await Promise.all(sent.map((handle) => handle.get({ timeout: "30s" })));
    const lines = await readLedger(path);
    const ran = lines.map((line) => line.split(" ")[1] ?? "");
    expect([...ran].sort()).toEqual(Array.from({ length: 500 }, (_, index) => `task-${index}`).sort());
    expect(new Set(lines.map((line) => line.split(" ")[0]))).toEqual(new Set(["python", "typescript"]));
  }, 60_000);

  const priorities = [9, 6, 3, 0, 9, 6, 3, 0];
  /** On Redis 0 is served first, on RabbitMQ 9, and only from a queue that was declared for it. */
  const ascending = ["0", "0", "3", "3", "6", "6", "9", "9"];
  const expected = transport === "redis" ? ascending : ascending.toReversed();
  const settings = transport === "redis" ? {} : { task_queue_max_priority: 9 };
  const first = transport === "redis" ? "0" : "9";
  const order = async (path: string): Promise<readonly string[]> =>
    (await readLedger(path)).map((line) => line.split(" ")[1] ?? "");

  it.skipIf(transport === "amqp-quorum")(`has our worker serve Python's priorities ${first} first`, async () => {
    const fleet = await open({ pythonQueues: [], ourQueues: [], settings });
    const path = fleet.ledger("priority");
    for (const priority of priorities) {
      const args = [path, String(priority)];
      await fleet.client.ask({ do: "send", name: "interop.note", args, options: { queue: "ordered", priority } });
    }
    const worker = createWorker(fleet.app, {
      queues: ["ordered"],
      pool: asyncPool({ concurrency: 1 }),
      prefetchMultiplier: 1,
      hostname: "ordered@typescript",
    });
    opened.push(worker);
    await worker.start();
    await expect.poll(() => order(path), { timeout: 10_000 }).toHaveLength(priorities.length);
    expect(await order(path)).toEqual(expected);
  });

  it.skipIf(transport === "amqp-quorum")(`has Python's worker serve our priorities ${first} first`, async () => {
    const fleet = await open({ pythonQueues: [], ourQueues: [], settings });
    const path = fleet.ledger("priority");
    for (const priority of priorities) {
      await fleet.app.send("interop.note", [path, String(priority)], { queue: "ordered", priority });
    }
    const { python } = fleet;
    const serial = { ...fleet.settings, worker_prefetch_multiplier: 1 };
    opened.push(
      await startPythonWorker({ python, settings: serial, queues: ["ordered"], name: "ordered", concurrency: 1 }),
    );
    await expect.poll(() => order(path), { timeout: 10_000 }).toHaveLength(priorities.length);
    expect(await order(path)).toEqual(expected);
  });

  it("gives back what it holds when it stops, and Python runs it", async () => {
    const fleet = await open({ pythonQueues: [], ourQueues: ["handed"], concurrency: 1 });
    const held = await fleet.app.send("interop.side", ["later"], { queue: "handed", countdown: 1 });
    await expect.poll(() => fleet.app.broker.queues.length("handed"), { timeout: 10_000 }).toBe(0);
    await fleet.worker?.stop();
    const { python } = fleet;
    const peer = await startPythonWorker({
      python,
      settings: fleet.settings,
      queues: ["handed"],
      name: "heir",
      concurrency: 1,
    });
    opened.push(peer);
    expect(await held.get({ timeout: "15s" })).toEqual(["python", "later"]);
  }, 40_000);

  it.runIf(transport === "redis")("keeps to a key prefix that both sides were given", async () => {
    const prefix = { global_keyprefix: "shop:" };
    const fleet = await open({
      settings: { broker_transport_options: prefix, result_backend_transport_options: prefix },
    });
    const ours = fleet.app.send("interop.add", [1, 2], { queue: "py" });
    expect(await ours.get({ timeout: "10s" })).toBe(3);
    const asked = { do: "send", name: "interop.add", args: [3, 4], options: { queue: "ts" }, wait: 10 } as const;
    expect(await fleet.client.ask<PeerOutcome>(asked)).toMatchObject({ value: 7 });
    const ping = await fleet.client.ask<Record<string, unknown>>({ do: "inspect", method: "ping" });
    expect(Object.keys(ping).sort()).toEqual(["celeriac@typescript", "peer@python"]);
  });
});
