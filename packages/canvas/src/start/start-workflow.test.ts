import { describe, expect, it } from "vitest";
import { recordingApp } from "../../test/support/recording-app.js";
import { chain, chord, chunks, fromJSON, group, isGroupResult, map, signatureOf, startWorkflow } from "../index.js";

function setUp(...given: Parameters<typeof recordingApp>) {
  const recording = recordingApp(...given);
  const { app } = recording;
  const add = app.task("add", (a: number, b: number) => a + b);
  const total = app.task("total", (all: number[]) => all.length);
  return { ...recording, add, total };
}

describe("delay() of a workflow", () => {
  it("sends the first step of a chain with its arguments, and waits for the last one's result", async () => {
    const { add, sent, succeed } = setUp();
    const handle = await chain(add.s(1), add.s(10)).delay(2);
    expect(sent.map(({ message }) => message.headers.task)).toEqual(["add"]);
    expect(JSON.parse(new TextDecoder().decode(sent[0]?.message.body))[0]).toEqual([2, 1]);
    expect(handle.parent?.id).toBe(sent[0]?.message.headers.id);
    expect(handle.parent?.taskName).toBe("add");
    await succeed(handle.id, 13);
    await expect(handle.get()).resolves.toBe(13);
  });

  it("stores a chord's size before its messages go out, and knows body and header", async () => {
    const { add, total, sent, chords } = setUp();
    const handle = await chord([add.s(1, 1), add.s(2, 2)], total.s()).delay();
    const { parent } = handle;
    expect(parent !== undefined && isGroupResult(parent) && parent.length).toBe(2);
    expect(chords).toEqual([`size ${parent?.id} 2`]);
    expect(sent).toHaveLength(2);
    expect(handle.taskName).toBe("total");
  });

  it("asks a task to look for a header's results where the store cannot count", async () => {
    const { add, total, sent } = setUp({ backend: "looking" });
    await chord([add.s(1, 1)], total.s()).delay();
    expect(sent.map(({ message }) => message.headers.task).sort()).toEqual(["add", "celery.chord_unlock"]);
  });

  it("gives the handles of a group's results", async () => {
    const { app, add, total, sent } = setUp();
    const handle = await group(add.s(1, 1), add.s(2, 2)).delay();
    expect(handle.results.map(({ id }) => id)).toEqual(sent.map(({ message }) => message.headers.id));
    expect((await chunks(add.s(), [[1, 1]], 5).delay()).length).toBe(1);
    expect((await map(total.s(), [[1]]).delay()).taskName).toBe("celery.map");
    await expect((await startWorkflow(app, group())).get()).resolves.toEqual([]);
  });

  it("takes options of the call", async () => {
    const { add, sent } = setUp();
    await chain(add.s(1), add.s(2)).call([5], { queue: "slow", taskId: "mine", stamps: { by: "me" } });
    expect(sent[0]?.route.queue?.name).toBe("slow");
    expect(sent[0]?.message.headers.stamps).toEqual({ by: "me" });
  });

  it("rejects when the broker does not take a message, and so does the wait for the result", async () => {
    const { add } = setUp({ publish: () => Promise.reject(new Error("no space")) });
    const sending = group(add.s(1, 1), add.s(2, 2)).delay();
    await expect(sending).rejects.toThrow("no space");
    await expect(sending.get({ timeout: 5 })).rejects.toThrow("no space");
    await expect(sending.handle.get({ timeout: 5, propagate: false })).rejects.toThrow("no space");
  });

  it("belongs to the task that sends it: one child, the same root", async () => {
    const { app, add, sent } = setUp({ config: { taskAlwaysEager: false } });
    const { app: eager } = setUp({ config: { taskAlwaysEager: true } });
    let id = "";
    const outer = eager.task("outer", async () => {
      id = (await startWorkflow(app, group(add.s(1, 1), add.s(2, 2)))).id;
    });
    const handle = await outer.delay();
    expect((await handle.meta())?.children).toEqual([[[id, null], expect.any(Array)]]);
    expect(sent.map(({ message }) => [message.headers.parent_id, message.headers.root_id])).toEqual(
      sent.map(() => [handle.id, handle.id]),
    );
  });
});

describe("a workflow that cannot be sent", () => {
  it("says so when no step was made by an app, unless one is named", async () => {
    const { app, sent } = setUp();
    const anybodys = chain(signatureOf("add", [1, 2]), signatureOf("show"));
    expect(() => anybodys.delay()).toThrow(expect.objectContaining({ code: "APP_MISSING" }));
    await startWorkflow(app, anybodys);
    await startWorkflow(app, fromJSON(JSON.parse(JSON.stringify(anybodys))));
    expect(sent).toHaveLength(2);
  });

  it("says so when its steps are of two apps, unless one is named", async () => {
    const { app, add } = setUp();
    const { add: other } = setUp();
    const mixed = group(add.s(1, 1), chain(other.s(1, 1), add.s(1)));
    expect(() => mixed.delay()).toThrow(expect.objectContaining({ code: "APP_AMBIGUOUS" }));
    expect(() => add.s(1, 1).link(other.s(1))).not.toThrow();
    expect(() => chain(add.s(1, 1)).link(other.s(1)).delay()).toThrow(/two apps/);
    await startWorkflow(app, mixed);
  });

  it.each([["none" as const], ["refusing" as const]])("needs a result store for its chords: %s", (backend) => {
    const { add, total, sent } = setUp({ backend });
    const unsupported = expect.objectContaining({ code: "CHORDS_UNSUPPORTED" });
    expect(() => chord([add.s(1, 1)], total.s()).delay()).toThrow(unsupported);
    expect(() => chain(add.s(1, 1), group(add.s(1), add.s(2)), total.s()).delay()).toThrow(unsupported);
    expect(() =>
      chain(add.s(1, 1))
        .link(chord([add.s(1)], total.s()))
        .delay(),
    ).toThrow(unsupported);
    expect(sent).toEqual([]);
  });

  it("needs the results of a header's tasks, and says which task does not keep them", () => {
    const { app, add, total } = setUp();
    const quiet = app.task("quiet", { ignoreResult: true }, (a: number, b: number) => a + b);
    const ignoring = expect.objectContaining({
      code: "CHORD_IGNORES_RESULT",
      message: expect.stringContaining("ignoreResult"),
    });
    expect(() => chord([add.s(1, 1), quiet.s(2, 2)], total.s()).delay()).toThrow(ignoring);
    expect(() => chord([add.s(1, 1).set({ ignoreResult: true })], total.s()).delay()).toThrow(ignoring);
    expect(() => chord([chain(quiet.s(1, 1), add.s(1))], total.s()).delay()).not.toThrow();
    expect(() => chord([quiet.s(1, 1).set({ ignoreResult: false })], total.s()).delay()).not.toThrow();
    const silent = setUp({ config: { taskIgnoreResult: true } });
    expect(() => chord([silent.add.s(1, 1)], silent.total.s()).delay()).toThrow(ignoring);
  });

  it("is refused for an empty chain, and for a header's member that returns nothing", () => {
    const { app, add } = setUp();
    expect(() => startWorkflow(app, fromJSON(chain().toJSON()))).toThrow(/at least one step/);
    expect(() => chord([chain(add.s(1, 1), group())], signatureOf("any")).delay()).toThrow(
      /ends in a group without tasks/,
    );
  });

  it("can be sent without a result store, but then nobody can wait for it", async () => {
    const { add } = setUp({ backend: "none" });
    const handle = await group(add.s(1, 1), add.s(2, 2)).delay();
    const missing = { code: "BACKEND_MISSING" };
    await expect(handle.get()).rejects.toMatchObject(missing);
    await expect(handle.settled({ timeout: 60 }).next()).rejects.toMatchObject(missing);
    await expect(handle.save()).rejects.toMatchObject(missing);
  });

  it("does not let anybody wait for a result that is not kept", async () => {
    const { app, add } = setUp();
    const quiet = app.task("quiet", { ignoreResult: true }, (n: number) => n);
    const handle = await chain(add.s(1, 1), quiet.s()).delay();
    await expect(handle.get()).rejects.toMatchObject({ code: "BACKEND_MISSING" });
  });
});
