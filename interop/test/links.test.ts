import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet, readLedger } from "../src/fleet.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { describeTransports } from "./describe-peers.js";

describeTransports(["redis", "amqp"], "links, errbacks and chains across TypeScript and Python", (transport) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await openFleet({ transport });
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const wait = { timeout: "15s" } as const;
  const note = (task: string, path: string, queue: string): Record<string, unknown> => ({
    task,
    args: [],
    kwargs: { path },
    options: { queue },
  });
  const lines = (path: string) => expect.poll(() => readLedger(path), { timeout: 10_000 });

  it("sends our task's link to Python and Python's link to us", async () => {
    for (const [queue, linked, side] of [
      ["ts", "py", "python"],
      ["py", "ts", "typescript"],
    ] as const) {
      const path = fleet.ledger(`link-${side}`);
      const link = fleet.app.signature("interop.note_result", [], { queue: linked, kwargs: { path } });
      await fleet.app.send("interop.add", [2, 3], { queue, link }).get(wait);
      await lines(path).toEqual([`${side} result 5`]);
    }
  });

  it("follows links that a Python client set, in both directions", async () => {
    for (const [queue, linked, side] of [
      ["ts", "py", "python"],
      ["py", "ts", "typescript"],
    ] as const) {
      const path = fleet.ledger(`python-link-${side}`);
      const link = [note("interop.note_result", path, linked)];
      await fleet.client.ask({ do: "send", name: "interop.add", args: [3, 4], options: { queue, link }, wait: 10 });
      await lines(path).toEqual([`${side} result 7`]);
    }
  });

  it("gives an immutable link nothing but its own arguments", async () => {
    const path = fleet.ledger("immutable");
    const link = [{ task: "interop.note", args: [path, "own"], immutable: true, options: { queue: "py" } }];
    await fleet.client.ask({ do: "send", name: "interop.add", args: [1, 1], options: { queue: "ts", link }, wait: 10 });
    await lines(path).toEqual(["python own"]);
  });

  it("sends the id of a failed task to an errback on the other side", async () => {
    for (const [queue, linked, side] of [
      ["ts", "py", "python"],
      ["py", "ts", "typescript"],
    ] as const) {
      const path = fleet.ledger(`errback-${side}`);
      const linkError = fleet.app.signature("interop.note_failure", [], { queue: linked, kwargs: { path } });
      const failed = await fleet.app.send("interop.fail", [], { queue, linkError });
      await expect(failed.get(wait)).rejects.toMatchObject({ pyType: "ValueError" });
      await lines(path).toEqual([`${side} failure ${failed.id}`]);
    }
  });

  it("lets Python call an errback of the newer kind inside its own worker", async () => {
    const path = fleet.ledger("errback-inline");
    const linkError = fleet.app.signature("interop.note_failure_inline", [], { queue: "py", kwargs: { path } });
    const failed = await fleet.app.send("interop.fail", [], { queue: "py", linkError });
    await expect(failed.get(wait)).rejects.toMatchObject({ pyType: "ValueError" });
    await lines(path).toEqual([`python inline ${failed.id} ValueError`]);
  });

  it("runs a chain of a Python client whose steps alternate between the two workers", async () => {
    const step = (task: string, args: readonly unknown[], queue: string): Record<string, unknown> => ({
      task,
      args,
      options: { queue },
    });
    const outcome = await fleet.client.ask<PeerOutcome>({
      do: "chain",
      steps: [
        step("interop.add", [1, 2], "ts"),
        step("interop.mul", [10], "py"),
        step("interop.add", [5], "ts"),
        step("interop.side", [], "py"),
      ],
      wait: 15,
    });
    expect(outcome).toMatchObject({ status: "SUCCESS", value: ["python", 35] });
  });

  it("runs a chain of ours whose steps alternate between the two workers", async () => {
    const [second, last] = [randomUUID(), randomUUID()];
    const wire = (task: string, args: readonly unknown[], options: Record<string, unknown>) => ({
      task,
      args,
      kwargs: {},
      options,
      subtask_type: null,
      immutable: false,
    });
    const rest = [
      wire("interop.side", [], { queue: "ts", task_id: last }),
      wire("interop.mul", [10], { queue: "py", task_id: second }),
    ];
    await fleet.app.sendSignature(wire("interop.add", [1, 2], { queue: "ts" }), [], {}, { chain: rest });
    expect(await fleet.app.result(last).get(wait)).toEqual(["typescript", 30]);
    expect(await fleet.app.result(second).get(wait)).toBe(30);
  });

  it("marks the steps after a failed one as failed, on both sides, so that nobody waits in vain", async () => {
    for (const [failing, other] of [
      ["ts", "py"],
      ["py", "ts"],
    ] as const) {
      const outcome = await fleet.client.ask<PeerOutcome>({
        do: "chain",
        steps: [
          { task: "interop.identity", args: ["stop"], options: { queue: other } },
          { task: "interop.fail", options: { queue: failing } },
          { task: "interop.identity", options: { queue: other } },
        ],
        wait: 10,
      });
      // Python raises what the failed step left, which may be a moment before the steps after it are marked.
      expect(outcome).toMatchObject({ raised: { name: "ValueError", args: ["stop"] } });
      await expect.poll(() => fleet.app.result(outcome.id).state(), { timeout: 10_000 }).toBe("FAILURE");
    }
  });

  it("keeps root and parent ids along the way", async () => {
    const outcome = await fleet.client.ask<PeerOutcome>({
      do: "chain",
      steps: [
        { task: "interop.identity", args: [1], options: { queue: "py", task_id: "root-of-it" } },
        { task: "interop.request", options: { queue: "ts" } },
      ],
      wait: 10,
    });
    expect(outcome.value).toMatchObject({ root_id: "root-of-it", parent_id: "root-of-it", id: outcome.id });
  });
});
