import type { ResultBackend } from "@celeriac/core/ports";
import { sampleRecord } from "@celeriac/testkit";
import { MongoClient } from "mongodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { callCleanup } from "../../testkit/test/worker-on-backend.js";
import { type MongoBackendOptions, mongoBackend } from "../src/index.js";
import { type AnyDocument, createTestDatabase, MONGO_URL, type TestDatabase } from "./servers/mongo-server.js";

const PART = { taskId: "t0", groupIndex: 0, status: "SUCCESS", result: "0", size: null } as const;

describe.skipIf(MONGO_URL === undefined)("results in MongoDB (CELERIAC_MONGO_URL)", () => {
  let database: TestDatabase;
  let names: MongoBackendOptions;
  let cases = 0;
  const opened: ResultBackend[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    cases += 1;
    names = {
      taskmetaCollection: `task${cases}`,
      groupmetaCollection: `group${cases}`,
      chordCollection: `chord${cases}`,
    };
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((backend) => backend[Symbol.asyncDispose]()));
  });

  function open(options: MongoBackendOptions = {}, source: string | MongoClient = database.url): ResultBackend {
    const backend = mongoBackend(source, { ...names, ...options });
    opened.push(backend);
    return backend;
  }
  const stored = (id: string): Promise<AnyDocument | null> => database.collection(`task${cases}`).findOne({ _id: id });

  it("a document is as Celery writes it, with one field of ours", async () => {
    const dateDoneMs = Date.UTC(2026, 10, 20);
    await open().store(sampleRecord("task", "SUCCESS", { a: 1 }, { dateDoneMs, groupId: "g" }));
    expect(await stored("task")).toEqual({
      _id: "task",
      status: "SUCCESS",
      result: '{"a":1}',
      traceback: null,
      children: [],
      date_done: new Date(dateDoneMs),
      group_id: "g",
      celeriac: { rev: expect.any(String), at: expect.any(Date), expires_at: expect.any(Date) },
    });
  });

  it("results expire when they should, or never", async () => {
    const fields = async (id: string): Promise<unknown> => (await stored(id))?.celeriac;
    await open({ resultExpires: 60 }).store(sampleRecord("short", "STARTED", null));
    const { at, expires_at } = (await fields("short")) as { at: Date; expires_at: Date };
    expect(expires_at.getTime() - at.getTime()).toBe(60_000);
    await open({ resultExpires: null }).store(sampleRecord("kept"));
    expect(await fields("kept")).not.toHaveProperty("expires_at");
  });

  it("concurrent stores from several processes keep the first SUCCESS", async () => {
    const backends = [open(), open(), open()];
    for (let round = 0; round < 10; round += 1) {
      const id = `task ${round}`;
      await Promise.all(backends.map((backend, index) => backend.store(sampleRecord(id, "SUCCESS", index))));
      const first = (await backends[0]?.fetch(id))?.result;
      await Promise.all(backends.map((backend) => backend.store(sampleRecord(id, "FAILURE", { exc_type: "E" }))));
      expect(await backends[1]?.fetch(id)).toMatchObject({ status: "SUCCESS", result: first });
    }
  });

  it("a result of 20 MB is refused, naming the limit, and its neighbours are stored", async () => {
    const backend = open();
    const outcomes = await Promise.allSettled([
      backend.store(sampleRecord("small")),
      backend.store(sampleRecord("huge", "SUCCESS", "x".repeat(20_000_000))),
      backend.store(sampleRecord("small too")),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({
      reason: { code: "BACKEND_REFUSED", retryable: false, message: expect.stringMatching(/20000002 bytes.*16 MB/) },
    });
    expect((await backend.fetch("small too"))?.status).toBe("SUCCESS");
  });

  it("a document that grows too long by its traceback is refused as well, alone", async () => {
    const backend = open({ timeoutMs: 30_000 });
    const outcomes = await Promise.allSettled([
      backend.store(sampleRecord("huge", "FAILURE", {}, { traceback: "x".repeat(18_000_000) })),
      backend.store(sampleRecord("small")),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(outcomes[0]).toMatchObject({
      reason: { code: "BACKEND_REFUSED", message: expect.stringContaining("16 MB at most") },
    });
  });

  it("ids of 1,000 characters with dollars, quotes and newlines are kept apart", async () => {
    const backend = open();
    const ids = ["$", "$set", "a.b", '"', "'", "\n", "\0", "{}", "x".repeat(1000), `${"x".repeat(999)}y`];
    await Promise.all(ids.map((id, index) => backend.store(sampleRecord(id, "SUCCESS", index))));
    expect(await Promise.all(ids.map(async (id) => (await backend.fetch(id))?.result))).toEqual(ids.map((_, i) => i));
    await expect(backend.fetch("\ud800")).rejects.toMatchObject({ code: "BACKEND_REFUSED" });
    await expect(backend.store(sampleRecord("x".repeat(5000)))).rejects.toMatchObject({ code: "BACKEND_REFUSED" });
  });

  it("cleanup removes what is old, results and groups, and nothing else", async () => {
    const backend = open();
    const old = Date.now() - 3_600_000;
    await backend.store(sampleRecord("old", "SUCCESS", 1, { dateDoneMs: old }));
    await backend.store(sampleRecord("new", "SUCCESS", 1, { dateDoneMs: Date.now() }));
    await backend.store(sampleRecord("hanging", "STARTED", null));
    await backend.store(sampleRecord("running", "STARTED", null));
    await backend.groups.save("group", [["group", null], []]);
    const tasks = database.collection(`task${cases}`);
    await tasks.updateOne({ _id: "hanging" }, { $set: { "celeriac.at": new Date(old) } });
    await database.collection(`group${cases}`).insertOne({ _id: "old", result: "[]", date_done: new Date(old) });
    expect(await backend.cleanup?.(60_000)).toBe(3);
    const left = await tasks.find({}).toArray();
    expect(left.map(({ _id }) => _id).sort()).toEqual(["new", "running"]);
    expect(await backend.groups.restore("group")).toBeDefined();
  });

  it("celery.backend_cleanup removes what is older than result_expires, unless that is for ever", async () => {
    const backend = open();
    await backend.store(sampleRecord("old", "SUCCESS", 1, { dateDoneMs: Date.now() - 3_600_000 }));
    await backend.store(sampleRecord("new", "SUCCESS", 1, { dateDoneMs: Date.now() }));
    await callCleanup(backend, null);
    expect(await stored("old")).not.toBeNull();
    await callCleanup(backend, 60);
    expect([await stored("old"), (await stored("new"))?.status]).toEqual([null, "SUCCESS"]);
  });

  it("with resultCompression, a result of 20 MB is kept, as binary", async () => {
    const value = "0123456789abcdef".repeat(1_310_720);
    await open({ resultCompression: "zlib" }).store(sampleRecord("large", "SUCCESS", value));
    expect((await stored("large"))?.result).toMatchObject({ _bsontype: "Binary" });
    expect((await open().fetch("large"))?.result === value).toBe(true);
  });

  it("cleanup leaves chords for a day after they were last touched", async () => {
    const backend = open({ nativeChords: true, chordPartCollection: `part${cases}` });
    for (const groupId of ["young", "old"]) {
      await backend.chords?.setSize(groupId, 2);
      await backend.chords?.addPart({ ...PART, groupId });
    }
    const chords = database.collection(`chord${cases}`);
    await chords.updateOne({ _id: "old" }, { $set: { touched_at: new Date(Date.now() - 86_500_000) } });
    await backend.cleanup?.(1_000);
    expect((await chords.find({}).toArray()).map(({ _id }) => _id)).toEqual(["young"]);
    const parts = await database.collection(`part${cases}`).find({}).toArray();
    expect(parts.map(({ group }) => group)).toEqual(["young"]);
  });

  it("chords are counted only where that was chosen: Python does not count", () => {
    expect(open().chords).toBeUndefined();
    expect(open({ nativeChords: true }).chords).toBeDefined();
    expect(open().refusesChords).toBeUndefined();
  });

  it("a client of the caller's is used and left open", async () => {
    const client = new MongoClient(database.url);
    try {
      const backend = mongoBackend(client, { ...names, database: database.name });
      await backend.store(sampleRecord("task"));
      await backend[Symbol.asyncDispose]();
      expect(await client.db(database.name).command({ ping: 1 })).toMatchObject({ ok: 1 });
      expect((await stored("task"))?.status).toBe("SUCCESS");
    } finally {
      await client.close();
    }
  });

  it("a database of its own and one in the URL are told apart", async () => {
    const name = `${database.name}_b`;
    const backend = open({ database: name });
    expect(backend.description).toMatch(new RegExp(`^MongoDB 127\\.0\\.0\\.1:\\d+/${name}$`));
    await backend.store(sampleRecord("task"));
    expect(await stored("task")).toBeNull();
    const client = await MongoClient.connect(database.directUrl);
    expect(await client.db(name).collection(`task${cases}`).countDocuments()).toBe(1);
    await client.db(name).dropDatabase();
    await client.close();
  });

  it("children with more parents than MongoDB nests come back whole", async () => {
    const backend = open();
    type Tuple = NonNullable<NonNullable<Awaited<ReturnType<ResultBackend["fetch"]>>>["children"]>[number];
    let parent: Tuple = [["p0", null], null];
    for (let depth = 1; depth < 200; depth += 1) parent = [[`p${depth}`, parent], null];
    await backend.store(sampleRecord("task", "SUCCESS", 1, { children: [parent] }));
    expect((await backend.fetch("task"))?.children).toEqual([parent]);
    expect(JSON.stringify((await stored("task"))?.children)).toContain("p199");
  });

  it("many who wait cost one query per look, and look less often while nothing happens", async () => {
    const client = new MongoClient(database.url, { monitorCommands: true });
    const finds: number[] = [];
    client.on("commandStarted", ({ commandName }) => {
      if (commandName === "find") finds.push(performance.now());
    });
    try {
      const backend = mongoBackend(client, { ...names, database: database.name, changeStream: false, pollMaxMs: 400 });
      opened.push(backend);
      const heard = new Set<string>();
      const ids = Array.from({ length: 500 }, (_, index) => `task ${index}`);
      await Promise.all(ids.map((id) => backend.watcher.watch(id, (meta) => heard.add(meta.taskId))));
      expect(finds.length).toBeLessThan(10);
      finds.length = 0;
      await expect.poll(() => finds.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(8);
      const pauses = finds.slice(1).map((at, index) => at - (finds[index] ?? 0));
      expect(Math.max(...pauses)).toBeGreaterThan(300);
      await open().store(sampleRecord("task 7"));
      await expect.poll(() => [...heard], { timeout: 5_000 }).toEqual(["task 7"]);
    } finally {
      await Promise.all(opened.splice(0).map((backend) => backend[Symbol.asyncDispose]()));
      await client.close();
    }
  });

  it("what was asked for is stored, although the backend is closed meanwhile", async () => {
    const backend = open({ nativeChords: true, timeoutMs: 60_000 });
    await backend.fetch("warm");
    const ids = Array.from({ length: 3_000 }, (_, index) => `task ${index}`);
    const stores = ids.map((id) => backend.store(sampleRecord(id)));
    const parts = ids.map((taskId) => backend.chords?.addPart({ ...PART, taskId, groupId: "chord" }));
    const all = Promise.allSettled([...stores, ...parts]);
    await backend[Symbol.asyncDispose]();
    expect((await all).filter(({ status }) => status === "rejected")).toEqual([]);
    expect(await database.collection(`task${cases}`).countDocuments()).toBe(3_000);
    await expect(backend.fetch("task 1")).rejects.toMatchObject({ code: "BACKEND_CLOSED" });
  }, 120_000);

  it("hears of results by a change stream where the server has them", async ({ skip }) => {
    if (!database.hasChangeStreams) skip("this server has no change streams");
    const backend = open({ pollMinMs: 60_000, pollMaxMs: 60_000 });
    const heard: string[] = [];
    await backend.watcher.watch("task", ({ status }) => heard.push(status));
    const peer = open();
    await peer.store(sampleRecord("task", "STARTED", null));
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["STARTED"]);
    await peer.store(sampleRecord("task"));
    await expect.poll(() => heard, { timeout: 5_000 }).toEqual(["STARTED", "SUCCESS"]);
  });
});
