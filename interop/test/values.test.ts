import { afterAll, beforeAll, expect, it } from "vitest";
import { everyType, showValue } from "../src/canonical-value.js";
import type { Fleet } from "../src/fleet.js";
import { openFleet } from "../src/fleet.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { describeTransports, thoroughly } from "./describe-peers.js";

const stores = thoroughly("amqp+rpc", "redis+postgres", "redis+sqlite", "redis+mongo");
const IN_TABLES: readonly string[] = ["redis+postgres", "redis+sqlite"];
const transports = ["redis", "amqp", "amqp-quorum", ...stores] as const;

describeTransports(transports, "values between TypeScript and Python", (transport) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet({ transport });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const wait = { timeout: "10s" } as const;
  const every = showValue(everyType());

  it("runs a Python task for our client", async () => {
    expect(await fleet.app.send("interop.add", [2, 3], { queue: "py" }).get(wait)).toBe(5);
    expect(await fleet.app.send("interop.side", ["hello"], { queue: "py" }).get(wait)).toEqual(["python", "hello"]);
  });

  it("runs our task for the Python client", async () => {
    const outcome = await fleet.client.ask<PeerOutcome>({
      do: "send",
      name: "interop.add",
      args: [2, 3],
      options: { queue: "ts" },
      wait: 10,
    });
    expect(outcome).toMatchObject({ value: 5, status: "SUCCESS", traceback: null });
    expect(outcome.meta).toMatchObject({ task_id: outcome.id, result: 5 });
    // Celery's tables have no column for them.
    if (!IN_TABLES.includes(transport)) expect(outcome.meta).toMatchObject({ children: [] });
  });

  it("hands every JSON type from our client to a Python task with its Python type", async () => {
    const shown = await fleet.app.send("interop.show", [everyType()], { queue: "py" }).get(wait);
    expect(shown).toEqual(every);
  });

  it("hands every JSON type from a Python client to our task with its own class", async () => {
    const outcome = await fleet.client.ask<PeerOutcome>({
      do: "send",
      name: "interop.show",
      args: [every],
      options: { queue: "ts" },
      wait: 10,
    });
    // What our task saw is printed in the canonical form, and that form crosses back as plain JSON.
    expect(outcome.value).toEqual(every);
  });

  it("reads every JSON type out of a Python result", async () => {
    const made = await fleet.app.send("interop.every_type", [], { queue: "py" }).get(wait);
    expect(showValue(made)).toEqual(every);
  });

  it("lets Python read every JSON type out of our result", async () => {
    const outcome = await fleet.client.ask<PeerOutcome>({
      do: "send",
      name: "interop.every_type",
      options: { queue: "ts" },
      wait: 10,
    });
    expect(outcome.value).toEqual(every);
  });

  it("brings a value through both sides and back unchanged", async () => {
    const once = await fleet.app.send("interop.identity", [everyType()], { queue: "py" }).get(wait);
    const twice = await fleet.app.send("interop.identity", [once], { queue: "ts" }).get(wait);
    expect(showValue(twice)).toEqual(every);
  });

  it("sends positional and keyword arguments to a Python task", async () => {
    const sent = { queue: "py", kwargs: { note: "naïve ☃", größe: null } };
    expect(await fleet.app.send("interop.call", [1, "two"], sent).get(wait)).toEqual({
      args: [1, "two"],
      kwargs: { note: "naïve ☃", größe: null },
    });
  });

  it("takes positional and keyword arguments from a Python client", async () => {
    const outcome = await fleet.client.ask<PeerOutcome>({
      do: "send",
      name: "interop.call",
      args: [1, "two"],
      kwargs: { note: "naïve ☃", größe: null },
      options: { queue: "ts" },
      wait: 10,
    });
    expect(outcome.value).toEqual({ args: [1, "two"], kwargs: { note: "naïve ☃", größe: null } });
    const named = await fleet.client.ask<PeerOutcome>({
      do: "send",
      name: "interop.add",
      kwargs: { x: 20, y: 22 },
      options: { queue: "ts" },
      wait: 10,
    });
    expect(named.value).toBe(42);
  });

  // Over rpc only the client that asked has the result.
  it.skipIf(transport === "amqp+rpc")(
    "lets Python read a result that our client asked for, and the reverse",
    async () => {
      const ours = await fleet.app.send("interop.mul", [6, 7], { queue: "py" });
      await ours.get(wait);
      expect(await fleet.client.ask<PeerOutcome>({ do: "result", id: ours.id })).toMatchObject({ value: 42 });
      const theirs = await fleet.client.ask<PeerOutcome>({
        do: "send",
        name: "interop.mul",
        args: [6, 8],
        options: { queue: "ts" },
        wait: 10,
      });
      expect(await fleet.app.result(theirs.id).get(wait)).toBe(48);
    },
  );
});
