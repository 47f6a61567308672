import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet } from "../src/fleet.js";
import { runCelery } from "../src/peer/run-celery.js";
import { describeTransports } from "./describe-peers.js";

const OURS = "celeriac@typescript";

describeTransports(["redis", "amqp"], "Python's remote control of our worker", (transport) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet({ transport, concurrency: 2 });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const inspect = <T>(method: string): Promise<Readonly<Record<string, T>>> =>
    fleet.client.ask({ do: "inspect", method, destination: [OURS], timeout: 3 });
  const celery = (...args: readonly string[]): ReturnType<typeof runCelery> =>
    runCelery(fleet.python, fleet.settings, args);

  it("answers a ping beside a Python worker", async () => {
    const replies = await fleet.client.ask({ do: "inspect", method: "ping" });
    expect(replies).toEqual({ [OURS]: { ok: "pong" }, "peer@python": { ok: "pong" } });
  });

  it("is listed by `celery status`", async () => {
    const { code, output } = await celery("status");
    expect(output).toMatch(/celeriac@typescript:\s+OK/);
    expect(output).toContain("2 nodes online");
    expect(code).toBe(0);
  });

  it("answers every `celery inspect` of this suite on the command line", async () => {
    const methods = ["ping", "active", "reserved", "scheduled", "registered", "stats", "active_queues"];
    const runs = methods.map(async (method) => [method, await celery("inspect", method, "-d", OURS)] as const);
    for (const [method, { code, output }] of await Promise.all(runs)) {
      expect(output, method).toMatch(/celeriac@typescript:\s+OK/);
      expect(code, method).toBe(0);
    }
  }, 60_000);

  it("lists its tasks", async () => {
    const { [OURS]: names = [] } = await inspect<readonly string[]>("registered");
    expect(names).toEqual(expect.arrayContaining(["interop.add", "interop.fail", "interop.progress"]));
    expect([...names].sort()).toEqual(names);
  });

  it("shows running, waiting and scheduled tasks as Python does", async () => {
    const running = await fleet.app.send("interop.sleep", [4, "first"], { queue: "ts" });
    const second = await fleet.app.send("interop.sleep", [4, "second"], { queue: "ts" });
    const waiting = await fleet.app.send("interop.add", [1, 2], { queue: "ts" });
    const due = await fleet.app.send("interop.add", [3, 4], { queue: "ts", countdown: 8 });
    await expect.poll(async () => (await inspect<unknown[]>("active"))[OURS]?.length, { timeout: 10_000 }).toBe(2);
    const { [OURS]: active = [] } = await inspect<readonly Record<string, unknown>[]>("active");
    expect(active.map((item) => item.id).sort()).toEqual([running.id, second.id].sort());
    expect(active.find((item) => item.id === running.id)).toMatchObject({
      name: "interop.sleep",
      args: [4, "first"],
      kwargs: {},
      type: "interop.sleep",
      hostname: OURS,
      acknowledged: true,
      delivery_info: { routing_key: "ts", priority: 0, redelivered: false },
      worker_pid: process.pid,
    });
    const { [OURS]: reserved = [] } = await inspect<Record<string, unknown>[]>("reserved");
    expect(reserved.map((item) => item.id)).toEqual(expect.arrayContaining([waiting.id]));
    const { [OURS]: scheduled = [] } = await inspect<Record<string, unknown>[]>("scheduled");
    if (transport === "amqp-quorum") {
      expect(scheduled).toEqual([]); // it waits in RabbitMQ
    } else {
      expect(scheduled).toHaveLength(1);
      expect(scheduled[0]).toMatchObject({ request: { id: due.id, name: "interop.add" } });
      expect(Date.parse(String(scheduled[0]?.eta))).toBeGreaterThan(Date.now());
    }
    expect(await due.get({ timeout: "20s" })).toBe(7);
  }, 40_000);

  it("gives statistics under Celery's names", async () => {
    const { [OURS]: stats } = await inspect<Record<string, unknown>>("stats");
    expect(stats).toMatchObject({
      pid: process.pid,
      pool: { "max-concurrency": 2 },
      broker: { transport: transport === "redis" ? "redis" : "amqp", hostname: "127.0.0.1" },
      prefetch_count: expect.any(Number),
      rusage: { maxrss: expect.any(Number) },
    });
    expect(stats?.total).toHaveProperty(["interop.add"]);
  });

  it("answers a command that it does not know with an error, as Python does", async () => {
    const reply = await fleet.client.ask<Record<string, unknown>>({
      do: "inspect",
      method: "memdump",
      destination: [OURS],
      timeout: 2,
    });
    expect(reply[OURS]).toHaveProperty("error");
  });

  it("does not disturb a Python worker that mingles with it at its start", () => {
    const log = fleet.pythonWorker?.log() ?? "";
    expect(log).toContain("mingle: sync");
    expect(log).not.toContain("Traceback");
  });

  it("purges what our client queued, and counts it", async () => {
    await Promise.all(Array.from({ length: 5 }, () => fleet.app.send("interop.add", [1, 2], { queue: "idle" })));
    const { code, output } = await celery("-b", String(fleet.settings.broker_url), "purge", "-f", "-Q", "idle");
    expect(output).toContain("Purged 5 messages");
    expect(code).toBe(0);
    expect(await fleet.app.broker.queues.length("idle")).toBe(0);
  });

  it("stops warmly when Python asks for it", async () => {
    await using other = await openFleet({ transport, pythonQueues: [] });
    const ended = other.worker?.run();
    await runCelery(other.python, other.settings, ["control", "shutdown", "-d", OURS]);
    await ended;
    expect(await other.client.ask({ do: "inspect", method: "ping" })).toBeNull();
  });
});
