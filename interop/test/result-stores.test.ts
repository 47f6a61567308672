import { chord, group, ResultSet, restoreGroup } from "@celeriac/canvas";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet } from "../src/fleet.js";
import type { PeerOutcome } from "../src/peer/python-client.js";
import { describeStores } from "./describe-peers.js";
import type { Tasks } from "./workflow-table.js";
import { tasksOf } from "./workflow-table.js";

const QUEUE = "crew";
const COUNT = 60;
const wait = { timeout: "15s" } as const;
const CALLS = Array.from({ length: COUNT }, (_, index): [number, number] => [index, index]);
const DOUBLED = CALLS.map(([x, y]) => x + y);

describeStores(["redis+postgres", "redis+sqlite", "redis+mongo"], "results of a worker of each kind", (transport) => {
  let fleet: Fleet;
  let tasks: Tasks;
  beforeAll(async () => {
    const settings = { task_default_queue: QUEUE, result_extended: true };
    fleet = await openFleet({ transport, pythonQueues: [QUEUE, "py"], ourQueues: [QUEUE, "ts"], settings });
    tasks = tasksOf(fleet.app);
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const ask = (request: Parameters<Fleet["client"]["ask"]>[0]): Promise<PeerOutcome> => fleet.client.ask(request);

  it(`has ${COUNT} results of both workers at once for our client`, async () => {
    const sent = await Promise.all(CALLS.map((args) => fleet.app.send("interop.add", args)));
    expect(await new ResultSet(fleet.app, sent).get(wait)).toEqual(DOUBLED);
    const workers = await Promise.all(sent.map(async (handle) => (await handle.meta())?.extra?.worker));
    expect(new Set(workers)).toEqual(new Set(["celeriac@typescript", "peer@python"]));
  });

  it(`has ${COUNT} results of both workers at once for Python's client`, async () => {
    const asked = { do: "many", name: "interop.add", calls: CALLS, wait: 15 } as const;
    expect(await fleet.client.ask(asked)).toEqual(DOUBLED);
  });

  it.each([
    ["py", "peer@python"],
    ["ts", "celeriac@typescript"],
  ])("shows both clients the same end of a task on queue %s", async (queue, worker) => {
    const sent = await fleet.app.send("interop.fail_custom", [9, "shelf empty"], { queue });
    await expect(sent.get(wait)).rejects.toMatchObject({ code: "TASK_FAILED", args: [9, "shelf empty"] });
    const seen = await ask({ do: "result", id: sent.id });
    expect(seen).toMatchObject({ status: "FAILURE", raised: { args: [9, "shelf empty"] } });
    const meta = await sent.meta();
    expect(meta?.traceback).toBe(seen.traceback);
    const call = { name: "interop.fail_custom", args: [9, "shelf empty"], worker, queue };
    expect(meta?.extra).toMatchObject(call);
    expect(seen.meta).toMatchObject({ ...call, kwargs: {}, retries: 0 });
  });

  it("keeps nothing of a task that ignores its result, on either side", async () => {
    for (const queue of ["py", "ts"]) {
      const ignored = await fleet.app.send("interop.ignored", [1], { queue });
      // Behind it on the same queue, and longer.
      await fleet.app.send("interop.sleep", [0.3], { queue }).get(wait);
      expect(await ignored.state()).toBe("PENDING");
    }
  });

  it("joins a chord, whoever sent it", async () => {
    const { add, sum } = tasks;
    const sent = chord([add.s(1, 1), add.s(2, 2), add.s(3, 3)], sum.s());
    expect(await sent.delay().get(wait)).toBe(12);
    expect(await ask({ do: "canvas", signature: sent.toJSON(), wait: 15 })).toMatchObject({ value: 12 });
  });

  it("fails a chord with its header, whoever sent it", async () => {
    const { add, fail, sum } = tasks;
    const sent = chord([add.s(1, 1), fail.si("stop")], sum.s());
    // Python's worker does not name the dependency here: it looks for it among the results that it keeps in memory.
    const message = expect.stringMatching(/ValueError\('stop',?\)$/);
    await expect(sent.delay().get(wait)).rejects.toMatchObject({ pyType: "ChordError", message });
    // A Python client that waits for the body raises what the header left, which may be long before the body is failed.
    const { id } = await ask({ do: "canvas", signature: sent.toJSON(), wait: 15 });
    await expect(fleet.app.result(id).get(wait)).rejects.toMatchObject({ pyType: "ChordError", message });
    // With result_extended Celery's MongoDB store cannot read what was stored for a task that never ran: its own neither.
    if (transport === "redis+mongo") return;
    const seen = await ask({ do: "result", id });
    expect(seen).toMatchObject({ status: "FAILURE", raised: { name: "ChordError", text: message } });
  });

  it("restores a group that the other side saved", async () => {
    const { add } = tasks;
    const pair = group(add.s(1, 1), add.s(2, 2));
    const ours = await pair.delay();
    await ours.save();
    const ids = ours.results.map(({ id }) => id);
    expect(await fleet.client.ask({ do: "restore_group", id: ours.id })).toEqual({ ids, value: [2, 4] });
    const theirs = await fleet.client.ask<{ readonly id: string; readonly members: readonly string[] }>({
      do: "canvas",
      signature: pair.toJSON(),
      save: true,
    });
    const restored = await restoreGroup(fleet.app, theirs.id);
    expect(restored?.results.map(({ id }) => id)).toEqual(theirs.members);
    expect(await restored?.get(wait)).toEqual([2, 4]);
  });

  it("forgets for both sides what either forgets", async () => {
    const stateThere = async (id: string): Promise<string> => (await ask({ do: "result", id, wait: 0.1 })).status;
    const ours = await fleet.app.send("interop.add", [1, 2], { queue: "py" });
    await ours.get(wait);
    await ours.forget();
    expect(await stateThere(ours.id)).toBe("PENDING");
    const theirs = await ask({ do: "send", name: "interop.add", args: [1, 2], options: { queue: "ts" }, wait: 15 });
    await fleet.client.ask({ do: "forget", id: theirs.id });
    expect(await fleet.app.result(theirs.id).state()).toBe("PENDING");
  });

  it.each(["py", "ts"])("keeps what has not expired when %s cleans up", async (queue) => {
    const kept = await fleet.app.send("interop.add", [1, 2], { queue });
    await kept.get(wait);
    await fleet.app.send("celery.backend_cleanup", [], { queue }).get(wait);
    expect(await kept.state()).toBe("SUCCESS");
  });
});
