import type { ResultBackend, ResultTuple } from "@celeriac/core/ports";
import { sampleFailure, sampleRecord } from "@celeriac/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mongoBackend } from "../src/index.js";
import { askPython, findPython, type PythonPeer } from "./peers/python-peer.js";
import { createTestDatabase, MONGO_URL, type TestDatabase } from "./servers/mongo-server.js";

const python = findPython();
if (python === undefined && process.env.CI === "true") {
  throw new Error("No Python with Celery and pymongo was found. Set CELERIAC_PYTHON.");
}
if (python === undefined) console.warn("Skipped: no Python with Celery and pymongo. Set CELERIAC_PYTHON.");

const MEMBERS: readonly ResultTuple[] = [
  [["a", null], null],
  [["b", null], null],
];
const EXTENDED = { result_extended: true };

describe.skipIf(python === undefined || MONGO_URL === undefined)("results shared with Python's Celery", () => {
  let database: TestDatabase;
  let backend: ResultBackend;
  let peer: PythonPeer;
  let cases = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    cases += 1;
    const names = { taskmeta_collection: `task${cases}`, groupmeta_collection: `group${cases}` };
    peer = { python: python ?? "", url: database.directUrl, settings: names };
    backend = mongoBackend.fromUrl(database.url, { transportOptions: { mongodb_backend_settings: names } });
  });
  afterEach(() => backend[Symbol.asyncDispose]());

  const ask = (command: string, ...args: readonly string[]): Promise<unknown> => askPython(peer, command, ...args);
  const withConf = (conf: Readonly<Record<string, unknown>>): PythonPeer => {
    return { ...peer, settings: { ...peer.settings, conf } };
  };

  it("Python reads our results", async () => {
    const children: readonly ResultTuple[] = [[["child", [["parent", null], null]], null]];
    const value = { answer: [42, "é ☃"], date: { __type__: "decimal", __value__: "1.50" } };
    await backend.store(
      sampleRecord("ok", "SUCCESS", { answer: [42, "é ☃"] }, { children, groupId: "g", parentId: "p" }),
    );
    await backend.store(sampleRecord("bad", "FAILURE", sampleFailure, { traceback: "at line 1" }));
    await backend.store(sampleRecord("busy", "PROGRESS", { done: 3 }));
    await backend.store(sampleRecord("it's $odd.\n", "SUCCESS", 1));
    await backend.store(sampleRecord("x".repeat(1000), "SUCCESS", value.answer));
    const none = { traceback: null, children: [] };
    expect(await ask("read", "ok", "bad", "busy", "it's $odd.\n", "x".repeat(1000), "unknown")).toEqual([
      {
        state: "SUCCESS",
        result: { answer: [42, "é ☃"] },
        traceback: null,
        children: [[["child", [["parent", null], null]], null]],
      },
      { ...none, state: "FAILURE", result: ["ValueError", ["boom", 3]], traceback: "at line 1" },
      { ...none, state: "PROGRESS", result: { done: 3 } },
      { ...none, state: "SUCCESS", result: 1 },
      { ...none, state: "SUCCESS", result: [42, "é ☃"] },
      { ...none, state: "PENDING", result: null },
    ]);
  });

  it("we read Python's results", async () => {
    await ask("write");
    expect(await backend.fetch("ok")).toMatchObject({
      taskId: "ok",
      status: "SUCCESS",
      result: { answer: [42, "é"], big: 2n ** 60n },
      children: [[["child", null], null]],
      groupId: "group",
      parentId: "parent",
      extra: {},
    });
    expect(await backend.fetch("bad")).toMatchObject({
      status: "FAILURE",
      result: { exc_type: "ValueError", exc_message: ["boom", 3], exc_module: "builtins" },
      traceback: "Traceback: boom",
    });
    expect(await backend.fetch("chord")).toMatchObject({
      result: { exc_type: "ChordError", exc_message: ["Dependency x raised"], exc_module: "celery.exceptions" },
    });
    expect(await backend.fetch("revoked")).toMatchObject({
      status: "REVOKED",
      result: { exc_message: ["terminated"] },
    });
    expect(await backend.fetch("busy")).toMatchObject({ status: "PROGRESS", result: { done: 3 }, dateDoneMs: null });
    expect((await backend.fetch("it's $odd.\n"))?.result).toBe(1);
    expect((await backend.fetch("ok"))?.dateDoneMs).toBeGreaterThan(1_700_000_000_000);
  });

  it("extended fields and stamps go both ways", async () => {
    await askPython(withConf(EXTENDED), "write");
    expect((await backend.fetch("ok"))?.extra).toEqual({
      name: "tasks.add",
      args: [1, { deep: [2] }],
      kwargs: { debug: true },
      worker: "w1@host",
      retries: 2,
      queue: "celery",
      stamped_headers: ["tenant"],
      tenant: ["acme"],
    });
    const extended = {
      name: "tasks.add",
      args: [1, 2 ** 40],
      kwargs: { "a.b": 1 },
      worker: "w@h",
      retries: 1,
      queue: "q",
    };
    await backend.store(sampleRecord("ours", "SUCCESS", 3, { extended, stamps: { tenant: "acme" } }));
    const [meta] = (await askPython(withConf(EXTENDED), "meta", "ours")) as [unknown];
    expect(meta).toEqual({
      task_id: "ours",
      status: "SUCCESS",
      result: 3,
      traceback: null,
      children: [],
      ...{ ...extended, kwargs: null },
    });
    expect((await backend.fetch("ours"))?.extra).toMatchObject({ ...extended, tenant: "acme" });
  });

  it("groups go both ways", async () => {
    await ask("write");
    expect(await backend.groups.restore("group")).toEqual([["group", null], MEMBERS]);
    await backend.groups.save("ours", [["ours", [["parent", null], null]], MEMBERS]);
    expect(await ask("group", "ours")).toEqual(["a", "b"]);
    expect(await ask("group", "group")).toEqual(["a", "b"]);
    expect(await backend.groups.restore("ours")).toEqual([["ours", [["parent", null], null]], MEMBERS]);
  });

  it("a watcher hears what Python stores, in place of what was there too", async () => {
    await backend.store(sampleRecord("watched", "STARTED", null));
    const heard: string[] = [];
    const done = new Promise<void>((resolve) => {
      void backend.watcher.watch("watched", (meta) => {
        heard.push(`${meta.status}:${JSON.stringify(meta.result)}`);
        if (meta.status === "SUCCESS") resolve();
      });
    });
    const until = (last: string) => expect.poll(() => heard, { timeout: 15_000 }).toContain(last);
    await ask("store", "watched", "PROGRESS", '{"done":1}');
    await until('PROGRESS:{"done":1}');
    await ask("store", "watched", "PROGRESS", '{"done":2}');
    await until('PROGRESS:{"done":2}');
    await ask("store", "watched", "SUCCESS", '"from Python"');
    await done;
    expect(heard).toEqual(["STARTED:null", 'PROGRESS:{"done":1}', 'PROGRESS:{"done":2}', 'SUCCESS:"from Python"']);
  });

  it("a Python client waits for what we store", async () => {
    const got = ask("get", "later");
    await backend.store(sampleRecord("later", "SUCCESS", [1, 2]));
    expect(await got).toEqual([[1, 2]]);
  });

  it("Python joins a chord's header that we and Python have run", async () => {
    await backend.store(sampleRecord("first", "SUCCESS", 1));
    await ask("store", "second", "SUCCESS", "2");
    expect(await ask("join", "first", "second", "third")).toBe("not ready");
    await backend.store(sampleRecord("third", "SUCCESS", [3]));
    expect(await ask("join", "first", "second", "third")).toEqual([1, 2, [3]]);
    await backend.store(sampleRecord("fourth", "FAILURE", sampleFailure));
    expect(await ask("join", "first", "fourth")).toBe("raised ValueError('boom', 3)");
  });

  it("Python's SUCCESS is sticky for us", async () => {
    await ask("store", "theirs", "SUCCESS", '"from Python"');
    await backend.store(sampleRecord("theirs", "FAILURE", sampleFailure));
    expect((await backend.fetch("theirs"))?.result).toBe("from Python");
  });

  it("what Python writes over ours leaves nothing of ours", async () => {
    await backend.store(sampleRecord("task", "STARTED", null, { parentId: "p" }));
    await ask("store", "task", "SUCCESS", "1");
    const document = await database.collection(`task${cases}`).findOne({ _id: "task" });
    expect(Object.keys(document ?? {}).sort()).toEqual(
      ["_id", "children", "date_done", "result", "status", "traceback"].sort(),
    );
  });

  it("Python's index is made beside ours, whoever comes first", async () => {
    await backend.store(sampleRecord("task"));
    const names = (await ask("indexes")) as string[][];
    for (const list of names) expect(list).toContain("date_done_1");
  });

  it("Python's cleanup takes our results, and ours takes Python's", async () => {
    const conf = { result_expires: 1 };
    await backend.store(sampleRecord("old", "SUCCESS", 1, { dateDoneMs: Date.now() - 60_000 }));
    await backend.store(sampleRecord("new", "SUCCESS", 1, { dateDoneMs: Date.now() + 60_000 }));
    await askPython(withConf(conf), "cleanup");
    expect([await backend.fetch("old"), (await backend.fetch("new"))?.result]).toEqual([undefined, 1]);
    await ask("store", "theirs", "SUCCESS", "1");
    expect(await backend.cleanup?.(-60_000)).toBeGreaterThanOrEqual(1);
    expect(await backend.fetch("theirs")).toBeUndefined();
  });

  it("a pickle of Python's is refused, and named", async () => {
    await askPython(
      withConf({ result_serializer: "pickle", accept_content: ["pickle"] }),
      "store",
      "task",
      "SUCCESS",
      "1",
    );
    await expect(backend.fetch("task")).rejects.toMatchObject({
      code: "E_RESULT",
      message: expect.stringMatching(/a pickle.*result_serializer/),
    });
  });
});
