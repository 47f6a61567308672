import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet } from "../src/fleet.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { describeTransports } from "./describe-peers.js";

const transports = ["redis", "amqp", "amqp-quorum"] as const;

describeTransports(transports, "ETA, expiry and retries between TypeScript and Python", (transport) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet({ transport });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const wait = { timeout: "15s" } as const;
  // Where Celery delays in RabbitMQ it refuses to delay by less than a second,
  const pause = transport === "amqp-quorum" ? 1 : 0.5;
  // and a retry of its own goes to the default queue, not to the one that the task came from: nobody gets it here.
  const pythonRetries = transport !== "amqp-quorum";
  const outcomeOf = (name: string, request: Record<string, unknown> = {}): Promise<PeerOutcome> => {
    const { options, ...rest } = request;
    const sent = { queue: "ts", ...(options as object) };
    return fleet.client.ask<PeerOutcome>({ do: "send", name, wait: 15, ...rest, options: sent });
  };

  it("lets Python hold a task of ours until its ETA, given as countdown or as a moment", async () => {
    const before = Date.now() / 1000;
    const at = new Date(Date.now() + 1200);
    const [counted, dated] = await Promise.all([
      fleet.app.send<number>("interop.note_time", [fleet.ledger("eta")], { queue: "py", countdown: 1 }).get(wait),
      fleet.app.send<number>("interop.note_time", [fleet.ledger("eta")], { queue: "py", eta: at }).get(wait),
    ]);
    expect(counted - before).toBeGreaterThanOrEqual(1);
    expect(dated).toBeGreaterThanOrEqual(at.getTime() / 1000);
  });

  it("holds a task of Python until its ETA, given as countdown or as a moment with an offset", async () => {
    const before = Date.now() / 1000;
    const counted = await outcomeOf("interop.note_time", { args: [fleet.ledger("eta")], options: { countdown: 1 } });
    expect(counted.value).toBeGreaterThanOrEqual(before + 1);
    const due = Date.now() + 1200;
    const offset = new Date(due + 5.5 * 3_600_000).toISOString().replace("Z", "+05:30");
    const eta = { $type: "datetime", value: offset };
    const dated = await outcomeOf("interop.note_time", { args: [fleet.ledger("eta")], options: { eta } });
    expect(dated.value).toBeGreaterThanOrEqual(due / 1000);
    expect(Number(dated.value)).toBeLessThan(due / 1000 + 3);
  });

  it("has an expired task of ours revoked by Python", async () => {
    const expired = await fleet.app.send("interop.add", [1, 2], { queue: "py", countdown: 0.6, expires: 0.3 });
    await expect(expired.get(wait)).rejects.toMatchObject({ code: "TASK_REVOKED", pyType: "TaskRevokedError" });
    expect(await expired.state()).toBe("REVOKED");
  });

  it("revokes an expired task of Python", async () => {
    const outcome = await outcomeOf("interop.add", {
      args: [1, 2],
      options: { countdown: pause + 0.1, expires: 0.3 },
    });
    expect(outcome).toMatchObject({ status: "REVOKED", raised: { name: "TaskRevokedError", args: ["expired"] } });
  });

  it("runs a task that has not expired yet, on both sides", async () => {
    expect(await fleet.app.send("interop.add", [1, 2], { queue: "py", expires: "1m" }).get(wait)).toBe(3);
    expect((await outcomeOf("interop.add", { args: [1, 2], options: { expires: 60 } })).value).toBe(3);
  });

  it.runIf(pythonRetries)(
    "sees a Python task retry under the same id, with the state RETRY and its reason in between",
    async () => {
      const handle = await fleet.app.send("interop.retry_once", [pause], { queue: "py" });
      const states = await fleet.client.ask<readonly (readonly [string, unknown])[]>({ do: "watch", id: handle.id });
      expect(states.map(([state]) => state)).toEqual(expect.arrayContaining(["RETRY", "SUCCESS"]));
      expect(await handle.get(wait)).toEqual({ id: handle.id, retries: 1 });
    },
  );

  it("retries our task for a Python client under the same id, with a RETRY that Python can read", async () => {
    const { id } = await fleet.client.ask<{ id: string }>({
      do: "send",
      name: "interop.retry_once",
      args: [pause],
      options: { queue: "ts" },
    });
    const states = await fleet.client.ask<readonly (readonly [string, unknown])[]>({ do: "watch", id });
    expect(states.map(([state]) => state)).toEqual(expect.arrayContaining(["RETRY", "SUCCESS"]));
    const [, reason] = states.find(([state]) => state === "RETRY") ?? [];
    expect(reason).toMatchObject({ $type: "exception", name: "RuntimeError", args: ["not yet"] });
    expect(await fleet.client.ask<PeerOutcome>({ do: "result", id })).toMatchObject({ value: { id, retries: 1 } });
  });

  it("reports the cause when the retries are used up, on both sides", async () => {
    if (pythonRetries) {
      const ours = fleet.app.send("interop.retry_until_exhausted", [], { queue: "py" }).get(wait);
      await expect(ours).rejects.toMatchObject({ pyType: "OSError", args: ["always"] });
    }
    expect(await outcomeOf("interop.retry_until_exhausted")).toMatchObject({
      status: "FAILURE",
      raised: { name: "OSError", args: ["always"] },
    });
  });
});
