import { describe, expect, it } from "vitest";
import { recordingApp } from "../../test/support/recording-app.js";
import { chain, chord, group, ResultSet, restoreGroup, resultFromTuple } from "../index.js";

function setUp() {
  const recording = recordingApp();
  const { app } = recording;
  const add = app.task("add", (a: number, b: number) => a + b);
  const total = app.task("total", (all: number[]) => all.length);
  return { ...recording, add, total };
}

/** Watches are left without waiting for the store. */
const settledDown = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the result of a chain", () => {
  it("fails as soon as a step before it has failed, and leaves no watch behind", async () => {
    const { add, succeed, fail, watching } = setUp();
    const handle = await chain(add.s(1, 1), add.s(2), add.s(3)).delay();
    const got = handle.get({ timeout: 5 });
    await succeed(handle.parent?.parent?.id ?? "", 2);
    await fail(handle.parent?.id ?? "", new RangeError("far"));
    await expect(got).rejects.toMatchObject({ name: "TaskError", pyType: "RangeError" });
    await settledDown();
    expect(watching()).toBe(0);
  });

  it("watches one step at a time, however long the chain is", async () => {
    const { add, succeed, watching } = setUp();
    const handle = await chain(add.s(1, 1), ...Array.from({ length: 200 }, () => add.s(1))).delay();
    const got = handle.get({ timeout: 5 });
    await settledDown();
    expect(watching()).toBe(2);
    await succeed(handle.id, 202);
    await expect(got).resolves.toBe(202);
  });

  it("gives up after its timeout, and when its signal says so", async () => {
    const { add } = setUp();
    const handle = await chain(add.s(1, 1), add.s(2)).delay();
    await expect(handle.get({ timeout: 0.01 })).rejects.toMatchObject({ code: "RESULT_TIMEOUT" });
    await expect(handle.get({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
  });
});

describe("the result of a group", () => {
  it("is the list of its members' results, groups within it as lists", async () => {
    const { add, succeed } = setUp();
    const handle = await group(add.s(1, 1), chain(add.s(2, 2), group(add.s(3), add.s(4)))).delay();
    const nested = await handle.results[1].children();
    const got = handle.get({ timeout: 5 });
    await succeed(nested[1]?.id ?? "", 8);
    await succeed(handle.results[0].id, 2);
    await succeed(nested[0]?.id ?? "", 7);
    await expect(got).resolves.toEqual([2, [7, 8]]);
  });

  it("rejects at the first failure, or gives errors as values", async () => {
    const { add, succeed, fail } = setUp();
    const handle = await group(add.s(1, 1), add.s(2, 2), add.s(3, 3)).delay();
    const [first, second, third] = handle.results;
    const got = handle.get({ timeout: 5 });
    await fail(second.id, new Error("boom"));
    await expect(got).rejects.toMatchObject({ taskId: second.id });
    expect([await handle.waiting(), await handle.ready()]).toEqual([true, false]);
    await succeed(first.id, 2);
    await succeed(third.id, 6);
    const values = await handle.get({ timeout: 5, propagate: false });
    expect(values).toEqual([2, expect.objectContaining({ name: "TaskError" }), 6]);
    expect([await handle.completedCount(), await handle.failedCount(), await handle.state()]).toEqual([
      2,
      1,
      "FAILURE",
    ]);
    expect([await handle.ready(), await handle.successful(), await handle.failed()]).toEqual([true, false, true]);
  });

  it("hands out its members in the order in which they finish", async () => {
    const { add, succeed, fail, watching } = setUp();
    const handle = await group(add.s(1, 1), add.s(2, 2), add.s(3, 3)).delay();
    const order: unknown[] = [];
    const reading = (async () => {
      for await (const { index, status } of handle.settled({ timeout: 5 })) order.push([index, status]);
    })();
    await succeed(handle.at(2)?.id ?? "", 6);
    await fail(handle.at(0)?.id ?? "", new Error("boom"));
    await succeed(handle.at(-2)?.id ?? "", 4);
    await reading;
    expect(order).toEqual([
      [2, "fulfilled"],
      [0, "rejected"],
      [1, "fulfilled"],
    ]);
    await settledDown();
    expect(watching()).toBe(0);
  });

  it("is found again by its id once it is saved", async () => {
    const { app, add, succeed } = setUp();
    const handle = await group(add.s(1, 1), add.s(2, 2)).delay();
    await handle.save();
    const found = await restoreGroup<[number, number]>(app, handle.id);
    for (const [index, result] of handle.results.entries()) await succeed(result.id, index);
    await expect(found?.get()).resolves.toEqual([0, 1]);
    await handle.delete();
    await expect(restoreGroup(app, handle.id)).resolves.toBeUndefined();
  });

  it("revokes all that is in it with one message, and forgets its members", async () => {
    const { add, broadcasts, succeed } = setUp();
    const handle = await group(add.s(1, 1), chain(add.s(2, 2), add.s(3))).delay();
    const [first, last] = handle.results;
    await handle.revoke({ terminate: true, signal: "SIGKILL" });
    const ids = [first.id, last.id, last.parent?.id];
    expect(broadcasts).toEqual([
      [
        "celery.pidbox",
        expect.objectContaining({ method: "revoke", arguments: { task_id: ids, terminate: true, signal: "SIGKILL" } }),
      ],
    ]);
    await succeed(first.id, 2);
    await handle.forget();
    await expect(first.state()).resolves.toBe("PENDING");
  });
});

describe("a set of results", () => {
  it("holds each result once, of tasks and workflows alike", async () => {
    const { app, add, succeed } = setUp();
    const one = await add.delay(1, 1);
    const two = await chain(add.s(1, 1), add.s(2)).delay();
    const set = new ResultSet<number>(app, [one, two]);
    set.add(one);
    expect([set.size, [...set].map(({ id }) => id)]).toEqual([2, [one.id, two.id]]);
    await succeed(two.id, 4);
    await succeed(one.id, 2);
    await expect(set.get({ timeout: 5 })).resolves.toEqual([2, 4]);
    expect([await set.successful(), await set.completedCount(), await set.waiting()]).toEqual([true, 2, false]);
    expect([set.remove(two.id), set.remove(two), set.size]).toEqual([true, false, 1]);
    set.clear();
    await expect(set.get()).resolves.toEqual([]);
  });

  it("fails with its first failure, from a plain task's handle too", async () => {
    const { app, add, fail } = setUp();
    const one = await add.delay(1, 1);
    const set = new ResultSet<number>(app, [one, await add.delay(2, 2)]);
    const got = set.get({ timeout: 5 });
    await fail(one.id, new Error("boom"));
    await expect(got).rejects.toMatchObject({ taskId: one.id });
    const { value } = await set.settled({ timeout: 5 }).next();
    expect(value).toMatchObject({ index: 0, status: "rejected" });
  });
});

describe("what a task has sent", () => {
  it("is followed breadth first, with values as they come", async () => {
    const { app, succeed } = setUp();
    const root = resultFromTuple(app, [["root", null], null]);
    await succeed("root", "r", [
      [["left", null], null],
      [
        ["both", null],
        [
          [["b1", null], null],
          [["b2", null], null],
        ],
      ],
    ]);
    await succeed("left", "l", [[["leaf", null], null]]);
    const seen: unknown[] = [];
    const collecting = (async () => {
      for await (const [{ id }, value] of root.collect({ timeout: 5 })) seen.push([id, value]);
    })();
    for (const id of ["b1", "b2", "leaf"]) await succeed(id, id);
    await collecting;
    expect(seen).toEqual([
      ["root", "r"],
      ["left", "l"],
      ["both", ["b1", "b2"]],
      ["leaf", "leaf"],
      ["b1", "b1"],
      ["b2", "b2"],
    ]);
  });

  it("is drawn as a graph, which says so when it is not complete", async () => {
    const { app, succeed } = setUp();
    const root = resultFromTuple(app, [["root", null], null]);
    await succeed("root", 1, [[['quo"te', null], null]]);
    await expect(root.graph()).rejects.toMatchObject({ code: "RESULT_INCOMPLETE" });
    const graph = await root.graph({ intermediate: true });
    expect([...graph.edges]).toEqual([
      ["root", ['quo"te']],
      ['quo"te', []],
    ]);
    const lines = graph.toDot().split("\n");
    expect(lines[0]).toBe("digraph dependencies {");
    expect(lines.filter((line) => line.includes("->"))).toEqual([
      expect.stringMatching(/^ {4}"root" -> "quo\\"te" \[/),
    ]);
    expect(lines.at(-2)).toBe("}");
  });

  it("is reached through the body of a chord to its header", async () => {
    const { add, total } = setUp();
    const handle = await chord([add.s(1, 1), add.s(2, 2)], total.s()).delay();
    const again = handle.asTuple();
    expect(again[0][1]?.[1]).toHaveLength(2);
    await expect(handle.parent?.children()).resolves.toHaveLength(2);
  });
});
