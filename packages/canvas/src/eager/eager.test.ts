import type { App, AppConfig, Logger } from "@celeriac/core";
import { context, createApp } from "@celeriac/core";
import { describe, expect, it } from "vitest";
import { chain, chord, chunks, group, map, signatureOf, starmap, startWorkflow } from "../index.js";

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

function setUp(config: AppConfig = {}) {
  const app = createApp("eager", { taskAlwaysEager: true, logger: silent, ...config });
  const log: string[] = [];
  const add = app.task("add", (a: number, b: number) => a + b);
  const sum = app.task("sum", (all: number[]) => all.reduce((left, right) => left + right, 0));
  const fail = app.task("fail", (_value?: unknown): number => {
    throw new RangeError("boom");
  });
  const note = app.task("note", { params: ["what"] }, (what: unknown) => {
    log.push(JSON.stringify(what));
    return what;
  });
  return { app, add, sum, fail, note, log };
}

describe("a workflow in eager mode", () => {
  it("runs wholly here: chains, groups, chords, maps, nested", async () => {
    const { add, sum } = setUp();
    await expect(chain(add.s(1, 1), add.s(2), add.s(3)).delay().get()).resolves.toBe(7);
    await expect(
      group(add.s(1), chain(add.s(2), add.s(3)))
        .delay(10)
        .get(),
    ).resolves.toEqual([11, 15]);
    await expect(
      chord([add.s(1, 1), chord([add.s(2, 2)], sum.s())], sum.s())
        .delay()
        .get(),
    ).resolves.toBe(6);
    await expect(
      chain(add.s(1, 1), group(add.s(1), add.s(2)), sum.s(), add.s(100))
        .delay()
        .get(),
    ).resolves.toBe(107);
    await expect(
      map(sum.s(), [[1, 2], [3]])
        .delay()
        .get(),
    ).resolves.toEqual([3, 3]);
    await expect(
      chain(starmap(add.s(), [[1, 2]]), sum.s())
        .delay()
        .get(),
    ).resolves.toBe(3);
    const calls: [number, number][] = [
      [1, 1],
      [2, 2],
      [3, 3],
    ];
    await expect(chunks(add.s(), calls, 2).delay().get()).resolves.toEqual([[2, 4], [6]]);
  });

  it("calls callbacks with results, and a chain's own with that of its last step", async () => {
    const { add, note, log } = setUp();
    await chain(add.s(1, 1).link(note.s()), add.s(10)).link(chain(note.s(), note.s())).delay();
    expect(log).toEqual(["2", "12", "12"]);
  });

  it("fails later steps with the error of the one that failed, and tells both kinds of error callbacks", async () => {
    const { app, add, fail, note, log } = setUp();
    app.task("told", (request: { readonly id: string }, error: Error, traceback: string | null) => {
      log.push(`${request.id} ${error.message} ${typeof traceback}`);
    });
    const handle = await chain(fail.s(), add.s(1), add.s(2))
      .onError([note.s(), signatureOf("told")])
      .delay();
    await expect(handle.get()).rejects.toMatchObject({ pyType: "RangeError" });
    const failedId = handle.parent?.parent?.id ?? "";
    await expect(handle.state()).resolves.toBe("FAILURE");
    expect(log).toEqual([`${failedId} RangeError: boom string`, JSON.stringify(failedId)]);
  });

  it("fails a chord's body when a member of its header has failed", async () => {
    const { add, sum, fail, note, log } = setUp();
    const handle = await chord([add.s(1, 1), fail.s()], sum.s().onError(note.s())).delay();
    await expect(handle.get()).rejects.toMatchObject({ pyType: "ChordError" });
    expect(log).toEqual([JSON.stringify(handle.id)]);
  });

  it("rejects the call itself when taskEagerPropagates is set", async () => {
    const { add, fail } = setUp({ taskEagerPropagates: true });
    await expect(chain(fail.s(), add.s(1)).delay()).rejects.toMatchObject({ pyType: "RangeError" });
  });

  it("lets nobody wait for a task that was ignored", async () => {
    const { app } = setUp();
    const ignored = app.task("ignored", { ignoreResult: true }, () => 1);
    const rejected = app.task("rejected", async () => {
      const { Reject } = await import("@celeriac/core");
      throw new Reject("no");
    });
    await expect(chain(ignored.s()).delay().get()).resolves.toBe(1);
    await expect(chain(rejected.s()).delay().get()).rejects.toThrow("ended REJECTED");
  });

  it("hands on what a task reports, its children, and its place in the tree", async () => {
    const { app, add } = setUp();
    const outer = app.task("outer", { bind: true }, async (ctx, n: number) => {
      await ctx.progress({ at: n });
      await group(add.s(n, 1), add.s(n, 2)).delay();
      return [ctx.request.rootId, ctx.request.parentId];
    });
    const handle = await chain(add.s(1, 1), outer.s()).delay();
    const firstId = handle.parent?.id;
    await expect(handle.get()).resolves.toEqual([firstId, firstId]);
    const reported: unknown[] = [];
    for await (const news of handle.progress()) reported.push(news);
    expect(reported).toEqual([{ at: 2 }]);
    const [children] = await handle.children();
    await expect(children?.children()).resolves.toHaveLength(2);
  });

  it("does not grow the stack with the length of a chain", async () => {
    const { app, add } = setUp();
    const long = chain(add.s(0, 0), ...Array.from({ length: 400 }, () => add.s(1)));
    await expect(startWorkflow(app, long).get()).resolves.toBe(400);
  });
});

describe("a task that replaces itself in eager mode", () => {
  function withReplacement(app: App, replacement: () => Parameters<ReturnType<typeof context>["replace"]>[0]) {
    return app.task("replaced", (_given?: unknown): number => context().replace(replacement()));
  }

  it("is a step of a workflow: what takes over has its callbacks, its place in a chord, and the rest of its chain", async () => {
    const { app, add, sum, note, log } = setUp();
    const replaced = withReplacement(app, () => chain(add.s(1, 1), add.s(2)));
    const handle = await chord([chain(replaced.s().link(note.s()), add.s(100)), add.s(1, 1)], sum.s()).delay();
    await expect(handle.get()).resolves.toBe(106);
    expect(log).toEqual(["4"]);
  });

  it("is a member of a header that becomes a group, a chord whose body is a group, or a chain that ends in one", async () => {
    for (const replacement of ["group", "chord", "chain"]) {
      const { app, add, sum } = setUp();
      const pair = group(add.s(1), add.s(2));
      const total = app.task("total", (all: (number | number[])[]) => JSON.stringify(all));
      const replaced = withReplacement(app, () => {
        if (replacement === "group") return pair.clone([0]);
        return replacement === "chord"
          ? chord([add.s(0, 0)], chain(sum.s(), add.s(0)))
          : chain(add.s(0, 0), pair, sum.s());
      });
      const handle = await chord([replaced.s(), add.s(5, 5)], total.s()).delay();
      const wanted = { group: [[1, 2], 10], chord: [0, 10], chain: [3, 10] }[replacement];
      await expect(handle.get()).resolves.toBe(JSON.stringify(wanted));
    }
  });

  it("works for a plain task as well: by a task, a chain, a group, itself again", async () => {
    const { app, add, note, log } = setUp();
    const byTask = app.task("byTask", () => context().replace(add.s(1, 2)));
    const byChain = app.task("byChain", () => context().replace(chain(byTask.s(), add.s(10))));
    const byGroup = app.task("byGroup", () => context().replace(group(add.s(1, 1), byChain.s())));
    await expect(byTask.call([], { link: note.s() }).get()).resolves.toBe(3);
    await expect(byChain.call([], { link: note.s() }).get()).resolves.toBe(13);
    await expect(byGroup.call([], { link: note.s() }).get()).resolves.toEqual([2, 13]);
    expect(log).toEqual(["3", "13", "[2,13]"]);
    const endless = app.task("endless", (): number => context().replace(signatureOf("endless")));
    await expect(endless.delay().get()).rejects.toThrow(/1000 times in a row/);
  });

  it("fails when what takes over fails, or cannot take over", async () => {
    const { app, fail } = setUp();
    const failing = app.task("failing", () => context().replace(chain(fail.s())));
    await expect(failing.delay().get()).rejects.toMatchObject({ pyType: "RangeError" });
    const empty = app.task("empty", () => context().replace(chain()));
    await expect(chain(empty.s()).delay().get()).rejects.toThrow(/empty chain/);
  });
});

describe("a task that adds to its chord in eager mode", () => {
  it("makes the body wait for one result more", async () => {
    const { app, add, sum } = setUp();
    const adding = app.task("adding", { bind: true }, async (ctx, n: number) => {
      await ctx.addToChord(chain(add.s(n, 1), add.s(1000)));
      return n;
    });
    await expect(
      chord([adding.s(10), add.s(5, 5)], sum.s())
        .delay()
        .get(),
    ).resolves.toBe(1031);
    await expect(chain(adding.s(1)).delay().get()).rejects.toThrow(/header of no chord/);
  });
});
