import { chord, group, ResultSet } from "@celeriac/canvas";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet } from "../src/fleet.js";
import { createInteropApp } from "../src/interop-app.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { startPythonClient } from "../src/peer/python-client.js";
import { describeStores, thoroughly } from "./describe-peers.js";
import type { Tasks } from "./workflow-table.js";
import { tasksOf, WORKFLOWS } from "./workflow-table.js";

const QUEUE = "crew";
const COUNT = 200;
const wait = { timeout: "15s" } as const;
const CALLS = Array.from({ length: COUNT }, (_, index): [number, number] => [index, index]);
const DOUBLED = CALLS.map(([x, y]) => x + y);

describeStores(["amqp+rpc", ...thoroughly("amqp-quorum+rpc")], "results to whoever asked", (transport) => {
  let fleet: Fleet;
  let tasks: Tasks;
  beforeAll(async () => {
    const settings = { task_default_queue: QUEUE };
    fleet = await openFleet({ transport, pythonQueues: [QUEUE, "py"], ourQueues: [QUEUE, "ts"], settings });
    tasks = tasksOf(fleet.app);
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  it(`brings ${COUNT} results of both workers to our client's one queue`, async () => {
    const sent = await Promise.all(CALLS.map((args) => fleet.app.send("interop.add", args)));
    expect(await new ResultSet(fleet.app, sent).get(wait)).toEqual(DOUBLED);
    const asked = CALLS.map(() =>
      fleet.app.send<readonly [side: string, value: number]>("interop.side", [1]).get(wait),
    );
    expect(new Set((await Promise.all(asked)).map(([side]) => side))).toEqual(new Set(["python", "typescript"]));
  });

  it(`brings ${COUNT} results of both workers to Python's one queue`, async () => {
    const asked = { do: "many", name: "interop.side", calls: CALLS.map(([index]) => [index]), wait: 15 } as const;
    const answers = await fleet.client.ask<readonly (readonly [string, number])[]>(asked);
    expect(answers.map(([, index]) => index)).toEqual(CALLS.map(([index]) => index));
    expect(new Set(answers.map(([side]) => side))).toEqual(new Set(["python", "typescript"]));
  });

  it("gives each of four clients, two of a kind, its own results only", async () => {
    await using otherApp = createInteropApp(fleet.settings);
    await using otherClient = startPythonClient(fleet.python, fleet.settings);
    const ours = [fleet.app, otherApp].map(async (app, client) => {
      const sent = CALLS.map(([index]) => app.send("interop.identity", [`${client}:${index}`]));
      return Promise.all(sent.map((sending) => sending.get(wait)));
    });
    const theirs = [fleet.client, otherClient].map((client, number) => {
      const calls = CALLS.map(([index]) => [`${number + 2}:${index}`]);
      return client.ask<readonly unknown[]>({ do: "many", name: "interop.identity", calls, wait: 15 });
    });
    const got = await Promise.all([...ours, ...theirs]);
    expect(got).toEqual([0, 1, 2, 3].map((client) => CALLS.map(([index]) => `${client}:${index}`)));
  });

  it("brings every state of a task to the client of the other side, in order", async () => {
    const steps = [1, 2, 3].map((step) => ({ step, of: 3 }));
    const theirs = await fleet.app.send("interop.progress", [3, 0.1], { queue: "py", countdown: 1 });
    const seen: unknown[] = [];
    for await (const step of theirs.progress(wait)) seen.push(step);
    expect(seen).toEqual(steps);
    expect(await theirs.get(wait)).toBe(3);
    const states = await fleet.client.ask<readonly (readonly [string, unknown])[]>({
      do: "hear",
      name: "interop.progress",
      args: [3, 0.1],
      options: { queue: "ts" },
    });
    expect(states).toEqual([...steps.map((step) => ["PROGRESS", step]), ["SUCCESS", 3]]);
  });

  it("brings the end of a task that retried", async () => {
    const pause = 1; // where Celery delays in RabbitMQ, it refuses less,
    if (transport === "amqp+rpc") {
      // and sends a retry of its own to where nobody gets it.
      const ours = await fleet.app.send("interop.retry_once", [pause], { queue: "py" });
      expect(await ours.get(wait)).toEqual({ id: ours.id, retries: 1 });
    }
    // Not a whole second: Celery 5.6.3's client takes a second without news for a lost connection, closes it, and so loses what
    // comes in that moment, as its reply queue goes with it.
    const theirs = await fleet.client.ask<PeerOutcome>({
      do: "send",
      name: "interop.retry_once",
      args: [1.5],
      options: { queue: "ts" },
      wait: 15,
    });
    expect(theirs.value).toEqual({ id: theirs.id, retries: 1 });
  });

  it.each(WORKFLOWS.filter(({ chordless }) => chordless === true))(
    "gives our client the value of $name",
    async (item) => {
      expect(await item.send(tasks).get(wait)).toEqual(item.value);
    },
  );

  it("joins a group on either side", async () => {
    const { add } = tasks;
    const pair = group(add.s(1, 1), add.s(2, 2));
    expect(await pair.delay().get(wait)).toEqual([2, 4]);
    const theirs = await fleet.client.ask<PeerOutcome>({ do: "canvas", signature: pair.toJSON(), wait: 15 });
    expect(theirs.value).toEqual([2, 4]);
  });

  it("refuses chords and saved groups, as Python does", async () => {
    const { add, sum } = tasks;
    const pair = group(add.s(1, 1), add.s(2, 2));
    const joined = chord(pair, sum.s());
    expect(() => joined.delay()).toThrow(/cannot join chords: results are messages to whoever sent the task/);
    const theirs = fleet.client.ask({ do: "canvas", signature: joined.toJSON() });
    await expect(theirs).rejects.toThrow("NotImplementedError");
    const sent = await pair.delay();
    await expect(sent.save()).rejects.toThrow("save_group is not supported");
    const saved = fleet.client.ask({ do: "canvas", signature: pair.toJSON(), save: true });
    await expect(saved).rejects.toThrow("save_group is not supported");
    expect(await sent.get(wait)).toEqual([2, 4]);
  });
});
