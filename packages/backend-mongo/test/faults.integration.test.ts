import type { ResultBackend } from "@celeriac/core/ports";
import { sampleRecord } from "@celeriac/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { outlast } from "../../testkit/test/worker-on-backend.js";
import { type MongoBackendOptions, mongoBackend } from "../src/index.js";
import { createTestDatabase, MONGO_URL, type TestDatabase } from "./servers/mongo-server.js";
import { startStranger, startStubServer } from "./servers/stub-server.js";

const opened: ResultBackend[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((backend) => backend[Symbol.asyncDispose]()));
});

function open(url: string, options: MongoBackendOptions = {}): ResultBackend {
  const backend = mongoBackend(url, { timeoutMs: 600, ...options });
  opened.push(backend);
  return backend;
}

const HELLO = { ok: 1, isWritablePrimary: true, maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000 };

describe("a server that is none", () => {
  it("one that does not listen is unavailable, within the deadline", async () => {
    const startedMs = performance.now();
    await expect(open("mongodb://127.0.0.1:1/x").fetch("task")).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      retryable: true,
      message: expect.stringContaining("127.0.0.1:1"),
    });
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it("one that is too old is refused, with what would do", async () => {
    await using server = await startStubServer(() => ({ ...HELLO, minWireVersion: 0, maxWireVersion: 5 }));
    await expect(open(server.url).fetch("task")).rejects.toMatchObject({
      code: "BACKEND_REFUSED",
      retryable: false,
      message: expect.stringMatching(/wire version.*MongoDB 4\.2 or later/),
    });
  });

  it("one that speaks another protocol is unavailable", async () => {
    await using server = await startStranger("-ERR unknown command\r\n");
    await expect(open(server.url).fetch("task")).rejects.toMatchObject({
      code: "BACKEND_UNAVAILABLE",
      retryable: true,
    });
  });

  it("credentials that are refused say so, without being shown", async () => {
    await using server = await startStubServer((command) =>
      /sasl/i.test(command)
        ? { ok: 0, code: 18, codeName: "AuthenticationFailed", errmsg: "Authentication failed." }
        : { ...HELLO, minWireVersion: 0, maxWireVersion: 21 },
    );
    const url = server.url.replace("//", "//user:geheim@");
    const failure: unknown = await open(url)
      .fetch("task")
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "BACKEND_AUTH", retryable: false });
    expect(String(failure)).not.toContain("geheim");
  });

  it("an option that the driver does not know is a ConfigError", async () => {
    await expect(open("mongodb://127.0.0.1:1/?frobnicate=1").fetch("task")).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("frobnicate"),
    });
  });
});

describe.skipIf(MONGO_URL === undefined)("a server that goes away (CELERIAC_MONGO_URL)", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it("what is stored while it is away is stored when it is back, within the deadline", async () => {
    const backend = open(database.url, { timeoutMs: 10_000 });
    await backend.store(sampleRecord("before"));
    await database.proxy.close();
    const stored = Promise.all([
      backend.store(sampleRecord("during")),
      backend.store(sampleRecord("before", "FAILURE", {})),
      backend.groups.save("group", [["group", null], []]),
    ]);
    await database.proxy.open();
    await stored;
    expect((await backend.fetch("during"))?.status).toBe("SUCCESS");
    expect((await backend.fetch("before"))?.status).toBe("SUCCESS");
    expect(await backend.groups.restore("group")).toEqual([["group", null], []]);
  });

  it("what does not come back in time is retryable, and nothing is written after that", async () => {
    const backend = open(database.url, { timeoutMs: 500 });
    await backend.store(sampleRecord("warm"), { timeoutMs: 10_000 });
    await database.proxy.close();
    const failure: unknown = await backend.store(sampleRecord("late")).catch((error: unknown) => error);
    await database.proxy.open();
    expect(failure).toMatchObject({ retryable: true, code: expect.stringMatching(/BACKEND_(TIMEOUT|UNAVAILABLE)/) });
    await backend.store(sampleRecord("after"), { timeoutMs: 10_000 });
    expect(await database.collection("celery_taskmeta").findOne({ _id: "late" })).toBeNull();
  });

  it("G24: while the server is away, a worker keeps outcomes and acknowledges nothing", async () => {
    const backend = open(database.url, { timeoutMs: 300 });
    await backend.store(sampleRecord("warm"), { timeoutMs: 5_000 });
    const report = await outlast(backend, { away: () => database.proxy.close(), back: () => database.proxy.open() });
    expect(report).toEqual({ waited: true, acksWhileAway: 0, acks: 5, runs: 5, states: Array(5).fill("SUCCESS") });
  }, 60_000);

  it("a watcher hears what was stored while the connection was away", async () => {
    const backend = open(database.url);
    const peer = open(database.directUrl, { timeoutMs: 10_000 });
    const heard: string[] = [];
    const errors: unknown[] = [];
    await backend.watcher.watch("watched", ({ status }) => heard.push(status), {
      onError: (error) => errors.push(error),
    });
    await database.proxy.close();
    await expect.poll(() => errors.length, { timeout: 5_000 }).toBeGreaterThan(0);
    await peer.store(sampleRecord("watched"));
    expect(heard).toEqual([]);
    await database.proxy.open();
    await expect.poll(() => heard, { timeout: 15_000 }).toEqual(["SUCCESS"]);
  });

  it("connections that are cut under a burst of stores lose none", async () => {
    const backend = open(database.url, { timeoutMs: 10_000 });
    const ids = Array.from({ length: 60 }, (_, index) => `burst ${index}`);
    const stores: Promise<void>[] = [];
    for (const id of ids) {
      stores.push(backend.store(sampleRecord(id)));
      await new Promise((resolve) => setImmediate(resolve));
      if (stores.length % 20 === 0) database.proxy.cut();
    }
    await Promise.all(stores);
    const metas = await Promise.all(ids.map((id) => backend.fetch(id)));
    expect(metas.every((meta) => meta?.status === "SUCCESS")).toBe(true);
  });
});
