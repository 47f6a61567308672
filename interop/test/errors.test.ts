import { TaskError } from "@celeriac/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet } from "../src/fleet.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { describeTransports, thoroughly } from "./describe-peers.js";

const stores = thoroughly("amqp+rpc", "redis+postgres", "redis+sqlite", "redis+mongo");

describeTransports(["redis", "amqp", ...stores], "failures between TypeScript and Python", (transport) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet({ transport });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const failureOf = async (name: string, args: readonly unknown[] = []): Promise<TaskError> => {
    const error: unknown = await fleet.app
      .send(name, args, { queue: "py" })
      .get({ timeout: "10s" })
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    if (!(error instanceof TaskError)) throw new Error(`${name} did not end with a TaskError but with ${error}`);
    return error;
  };
  const run = (name: string, args: readonly unknown[] = []): Promise<PeerOutcome> =>
    fleet.client.ask<PeerOutcome>({ do: "send", name, args, options: { queue: "ts" }, wait: 10 });

  it("turns a Python exception into a TaskError with class, module, arguments and traceback", async () => {
    const error = await failureOf("interop.fail", ["no such order"]);
    expect(error).toMatchObject({
      code: "TASK_FAILED",
      pyType: "ValueError",
      pyModule: "builtins",
      args: ["no such order"],
    });
    expect(error.message).toBe("ValueError: no such order");
    expect(error.traceback).toContain("Traceback (most recent call last)");
    expect(error.traceback).toContain("raise ValueError(message)");
  });

  it("keeps the name and every argument of a Python exception class of the user's own", async () => {
    expect(await failureOf("interop.fail_custom")).toMatchObject({
      pyType: "PeerError",
      pyModule: "celeriac_peer.tasks",
      args: [7, "custom detail"],
    });
  });

  it("reports an argument mistake made by our client as Python's TypeError", async () => {
    expect(await failureOf("interop.add", [1])).toMatchObject({ pyType: "TypeError", pyModule: "builtins" });
  });

  it("reports a task that Python does not know as NotRegistered", async () => {
    expect(await failureOf("interop.nowhere")).toMatchObject({
      pyType: "NotRegistered",
      pyModule: "celery.exceptions",
    });
  });

  it("lets Python rebuild our ValueError as its own ValueError", async () => {
    const outcome = await run("interop.fail", ["no such order"]);
    expect(outcome).toMatchObject({
      status: "FAILURE",
      raised: { name: "ValueError", module: "builtins", args: ["no such order"] },
    });
    expect(outcome.traceback).toContain("ValueError");
    expect(outcome.traceback).toContain("ending-tasks");
  });

  it("gives Python a readable class for an error class it cannot know", async () => {
    const outcome = await run("interop.fail_custom", [9, "shelf empty"]);
    expect(outcome.raised).toMatchObject({ name: "OutOfStock", args: [9, "shelf empty"] });
    expect(outcome.raised?.bases).toContain("Exception");
  });

  it("reports arguments that do not fit our task as TypeError", async () => {
    expect((await run("interop.add", [1])).raised).toMatchObject({ name: "TypeError", module: "builtins" });
    const named = await fleet.client.ask<PeerOutcome>({
      do: "send",
      name: "interop.add",
      kwargs: { x: 1, z: 2 },
      options: { queue: "ts" },
      wait: 10,
    });
    expect(named.raised).toMatchObject({ name: "TypeError" });
  });

  it("reports a task that we do not know as Celery's NotRegistered, and goes on", async () => {
    const outcome = await run("interop.ad");
    expect(outcome.raised).toMatchObject({ name: "NotRegistered", module: "celery.exceptions" });
    expect(outcome.raised?.text).toContain("interop.ad");
    expect((await run("interop.add", [1, 2])).value).toBe(3);
  });

  // Over rpc only the client that asked has the result.
  it.skipIf(transport === "amqp+rpc")(
    "passes a Python failure on with its Python class when our task lets it through",
    async () => {
      const failed = await fleet.app.send("interop.fail", ["first"], { queue: "py" });
      await failed.get({ timeout: "10s" }).catch(() => undefined);
      expect(await fleet.client.ask<PeerOutcome>({ do: "result", id: failed.id })).toMatchObject({
        status: "FAILURE",
        raised: { name: "ValueError", args: ["first"] },
      });
    },
  );
});
