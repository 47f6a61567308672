import { chain, chord, group, isGroupResult, restoreGroup } from "@celeriac/canvas";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Fleet } from "../src/fleet.js";
import { openFleet, readLedger } from "../src/fleet.js";
import { partsOf } from "../src/stage/transport-kinds.js";
import { describeTransports, thoroughly } from "./describe-peers.js";
import type { Tasks } from "./workflow-table.js";
import { tasksOf, WORKFLOWS } from "./workflow-table.js";

const QUEUE = "crew";
const CREWS = [
  { name: "a Python worker alone", pythonQueues: [QUEUE], ourQueues: [] },
  { name: "our worker alone", pythonQueues: [], ourQueues: [QUEUE] },
  { name: "a worker of each kind on one queue", pythonQueues: [QUEUE], ourQueues: [QUEUE] },
];
const stores = thoroughly("redis+postgres", "redis+sqlite", "redis+mongo");
/** What a chord fails with where every part of it is counted, and where somebody looks for the results. */
const COUNTED = /Dependency \S+ raised ValueError\('stop',?\)$/;
const LOOKED_FOR = /ValueError\('stop',?\)$/; // Python names the dependency only when it is in its memory
const wait = { timeout: "20s" } as const;

for (const { name, ...queues } of CREWS) {
  describeTransports(["redis", ...stores], `workflows of our client, run by ${name},`, (transport) => {
    const isCounted = partsOf(transport).store === "redis";
    let fleet: Fleet;
    let tasks: Tasks;
    beforeAll(async () => {
      fleet = await openFleet({ transport, ...queues, settings: { task_default_queue: QUEUE } });
      tasks = tasksOf(fleet.app);
    });
    afterAll(() => fleet?.[Symbol.asyncDispose]());

    const note = (task: string, path: string) => fleet.app.signature(task, [], { kwargs: { path } });
    /** What was noted so far, without which side noted it. */
    const notes = async (path: string) => (await readLedger(path)).map((line) => line.replace(/^\w+ /, ""));

    const possible = WORKFLOWS.filter(({ needsCounting }) => needsCounting !== true || isCounted);
    it.each(possible)("gives the value of $name", async ({ send, value }) => {
      expect(await send(tasks).get(wait)).toEqual(value);
    });

    it("has the steps before the last as parents, a header as a group", async () => {
      const { add, sum } = tasks;
      const last = await chain(add.s(1, 1), group(add.s(10), add.s(20)), sum.s()).delay();
      expect(await last.get(wait)).toBe(34);
      const header = last.parent;
      expect(header !== undefined && isGroupResult(header)).toBe(true);
      expect(await header?.get(wait)).toEqual([12, 22]);
      expect(await header?.parent?.get(wait)).toBe(2);
    });

    it("tells of a group's members one by one", async () => {
      const { add } = tasks;
      const sent = await group(add.s(1, 1), add.s(2, 2)).delay();
      const values: unknown[] = [];
      for await (const member of sent.settled(wait)) values.push(await member.handle.get());
      expect(values.sort()).toEqual([2, 4]);
    });

    it("runs the callbacks of a chain and of a chord with their last result", async () => {
      const { add, sum } = tasks;
      const path = fleet.ledger("links");
      const link = note("interop.note_result", path);
      await chain(add.s(1, 1), add.s(2)).link(link).delay().get(wait);
      await expect.poll(() => notes(path), { timeout: 10_000 }).toEqual(["result 4"]);
      await chord([add.s(1, 1), add.s(2, 2)], sum.s())
        .link(link)
        .delay()
        .get(wait);
      await expect.poll(() => notes(path), { timeout: 10_000 }).toEqual(["result 4", "result 6"]);
    });

    it("fails with the step that failed, and tells the chain's errbacks of it", async () => {
      const { add, fail } = tasks;
      const path = fleet.ledger("chain-errback");
      const errbacks = [note("interop.note_failure", path), note("interop.note_failure_inline", path)];
      const last = await chain(add.s(1, 1), fail.si("stop"), add.s(2)).onError(errbacks).delay();
      await expect(last.get(wait)).rejects.toMatchObject({ pyType: "ValueError", args: ["stop"] });
      const failed = last.parent?.id;
      await expect
        .poll(async () => (await notes(path)).sort(), { timeout: 10_000 })
        .toEqual([`failure ${failed}`, `inline ${failed} ValueError`]);
    });

    it("fails a chord's body with the member of its header that failed, and tells the body's errbacks", async () => {
      const { add, fail, sum } = tasks;
      const path = fleet.ledger("chord-errback");
      const header = group(add.s(1, 1), fail.si("stop"));
      const body = sum.s().onError(note("interop.note_failure", path));
      const sent = await chord(header, body).delay();
      await expect(sent.get(wait)).rejects.toMatchObject({
        pyType: "ChordError",
        message: expect.stringMatching(isCounted ? COUNTED : LOOKED_FOR),
      });
      await expect.poll(() => notes(path), { timeout: 10_000 }).toEqual([`failure ${sent.id}`]);
    });

    it("restores in Python a group that was saved here", async () => {
      const { add } = tasks;
      const sent = await group(add.s(1, 1), add.s(2, 2)).delay();
      await sent.save();
      expect(await fleet.client.ask({ do: "restore_group", id: sent.id })).toEqual({
        ids: sent.results.map(({ id }) => id),
        value: [2, 4],
      });
    });

    it("restores here a group that was saved in Python", async () => {
      const { add } = tasks;
      const signature = group(add.s(1, 1), chain(add.s(2, 2), add.s(3))).toJSON();
      const sent = await fleet.client.ask<{ readonly id: string; readonly members: readonly string[] }>({
        do: "canvas",
        signature,
        save: true,
      });
      const restored = await restoreGroup(fleet.app, sent.id);
      expect(restored?.results.map(({ id }) => id)).toEqual(sent.members);
      expect(await restored?.get(wait)).toEqual([2, 7]);
    });
  });
}
