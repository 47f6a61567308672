import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet, readLedger } from "../src/fleet.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { startPythonClient } from "../src/peer/python-client.js";
import { describeTransports } from "./describe-peers.js";

describeTransports(["redis", "amqp"], "message forms between TypeScript and Python", (transport) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet({ transport });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const wait = { timeout: "10s" } as const;
  const long = "compress me, ".repeat(500);
  const send = (name: string, args: readonly unknown[], options: Record<string, unknown>): Promise<PeerOutcome> =>
    fleet.client.ask<PeerOutcome>({ do: "send", name, args, options: { queue: "ts", ...options }, wait: 10 });

  for (const compression of ["gzip", "zlib"]) {
    it(`sends a body compressed with ${compression} to Python, and takes one from it`, async () => {
      expect(await fleet.app.send("interop.identity", [long], { queue: "py", compression }).get(wait)).toBe(long);
      expect((await send("interop.identity", [long], { compression })).value).toBe(long);
    });
  }

  it("refuses msgpack politely: a dead letter, FAILURE for who waits, and the worker goes on", async () => {
    const before = await fleet.app.broker.deadLetters.count();
    const outcome = await send("interop.add", [1, 2], { serializer: "msgpack" });
    expect(outcome).toMatchObject({ status: "FAILURE" });
    expect(outcome.raised?.text).toContain("application/x-msgpack");
    expect(await fleet.app.broker.deadLetters.count()).toBe(before + 1);
    const [letter] = await fleet.app.broker.deadLetters.list({ limit: 1 });
    expect(letter).toMatchObject({
      reason: "E_CONTENT_TYPE",
      taskId: outcome.id,
      taskName: "interop.add",
      queue: "ts",
    });
    expect((await send("interop.add", [1, 2], {})).value).toBe(3);
  });

  it("runs protocol 1 messages of a Python client", async () => {
    await using old = startPythonClient(fleet.python, { ...fleet.settings, task_protocol: 1 });
    const sum = {
      do: "send",
      name: "interop.add",
      args: [2],
      kwargs: { y: 5 },
      options: { queue: "ts" },
      wait: 10,
    } as const;
    expect(await old.ask<PeerOutcome>(sum)).toMatchObject({ value: 7, status: "SUCCESS" });
    const seen = await old.ask<PeerOutcome>({ ...sum, name: "interop.request", args: [], kwargs: {} });
    expect(seen.value).toMatchObject({ id: seen.id, protocol: 1, retries: 0, root_id: seen.id });
    const later = await old.ask<PeerOutcome>({
      ...sum,
      name: "interop.note_time",
      args: [fleet.ledger("v1")],
      kwargs: {},
      options: { queue: "ts", countdown: 1 },
    });
    expect(later.status).toBe("SUCCESS");
  });

  it("follows the nested callbacks that make a protocol 1 chain", async () => {
    await using old = startPythonClient(fleet.python, { ...fleet.settings, task_protocol: 1 });
    const steps = [
      { task: "interop.add", args: [1, 2], options: { queue: "ts" } },
      { task: "interop.mul", args: [10], options: { queue: "py" } },
      { task: "interop.add", args: [5], options: { queue: "ts" } },
    ];
    expect(await old.ask<PeerOutcome>({ do: "chain", steps, wait: 10 })).toMatchObject({ value: 35 });
  });

  it("carries custom headers both ways", async () => {
    const headers = { "x-trace": "abc", attempt: 1 };
    expect(await fleet.app.send("interop.request", [], { queue: "py", headers }).get(wait)).toMatchObject({ headers });
    expect((await send("interop.request", [], { headers })).value).toMatchObject({ headers });
  });

  it("tells Python's request all that our client decided", async () => {
    const seen = await fleet.app
      .send<Record<string, unknown>>("interop.request", ["secret"], {
        queue: "py",
        shadow: "nice.name",
        timeLimit: "30s",
        softTimeLimit: 20,
        priority: 3,
        groupId: "a-group",
        groupIndex: 2,
        argsrepr: "(hidden)",
        stamps: { tenant: "acme" },
      })
      .get(wait);
    expect(seen).toMatchObject({
      shadow: "nice.name",
      timelimit: [30, 20],
      group: "a-group",
      group_index: 2,
      argsrepr: "(hidden)",
      stamps: { tenant: "acme" },
      root_id: seen.id,
      parent_id: null,
      correlation_id: seen.id,
      replaced_task_nesting: 0,
      hostname: "peer@python",
    });
    expect(seen.delivery_info).toMatchObject({ routing_key: "py", priority: 3, redelivered: false });
  });

  it("tells our request all that a Python client decided", async () => {
    const outcome = await send("interop.request", ["secret"], {
      shadow: "nice.name",
      time_limit: 30,
      soft_time_limit: 20,
      priority: 3,
      group_id: "a-group",
      group_index: 2,
      argsrepr: "(hidden)",
      root_id: "root",
      parent_id: "parent",
    });
    expect(outcome.value).toMatchObject({
      id: outcome.id,
      shadow: "nice.name",
      timelimit: [30, 20],
      group: "a-group",
      group_index: 2,
      argsrepr: "(hidden)",
      root_id: "root",
      parent_id: "parent",
      correlation_id: outcome.id,
      priority: 3,
      protocol: 2,
    });
  });

  it("stores nothing for a message whose header says so, whoever sent it and whoever runs it", async () => {
    const path = fleet.ledger("ignored");
    for (const queue of ["ts", "py"]) {
      // The option of our task travels in the header. (For a Python worker the header wins over its own task's option.)
      const declared = await fleet.app.send("interop.ignored", ["x"], { queue });
      const called = await fleet.app.send("interop.add", [1, 2], { queue, ignoreResult: true });
      const asked = { do: "send", name: "interop.add", args: [1, 2], options: { queue, ignore_result: true } } as const;
      const { id } = await fleet.client.ask<{ id: string }>(asked);
      // Each side starts the tasks of a queue in order; one that sleeps ends after those.
      await fleet.app.send("interop.sleep", [0.3], { queue }).get(wait);
      await fleet.app.send("interop.note", [path, queue], { queue }).get(wait);
      for (const ignored of [declared.id, called.id, id]) {
        expect(await fleet.app.result(ignored).meta(), `${queue} ${ignored}`).toBeUndefined();
      }
    }
    expect(await readLedger(path)).toEqual(["typescript ts", "python py"]);
  });

  it("quarantines bytes that are no task, and goes on", async () => {
    const before = await fleet.app.broker.deadLetters.count();
    const bad = { queue: "ts", content_type: "application/json" };
    const headers = { task: "interop.add", id: "bad-body" };
    await fleet.client.ask({ do: "publish", ...bad, headers, body: "{not json" });
    await fleet.client.ask({ do: "publish", ...bad, headers: {}, body: '{"no": "task"}' });
    await fleet.client.ask({ do: "publish", ...bad, headers: { ...headers, id: "two-parts" }, body: "[[], {}]" });
    await expect.poll(() => fleet.app.broker.deadLetters.count(), { timeout: 10_000 }).toBe(before + 3);
    expect(await fleet.client.ask<PeerOutcome>({ do: "result", id: "bad-body" })).toMatchObject({ status: "FAILURE" });
    expect((await send("interop.add", [1, 2], {})).value).toBe(3);
  });
});
