import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { outlast } from "../../testkit/test/worker-on-backend.js";
import { sqlBackend } from "../src/index.js";
import { Backends, eventually, recordOf } from "./sample.js";
import { createTestDatabase, MARIADB, POSTGRES, type TestDatabase } from "./servers/sql-server.js";

const UNREACHABLE = { code: "BACKEND_UNAVAILABLE", retryable: true };

describe.each([POSTGRES, MARIADB])("when $title fails", (server) => {
  describe.skipIf(server.url === undefined)("us", () => {
    let database: TestDatabase;
    const backends = new Backends();

    beforeEach(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(async () => {
      database.proxy?.resume();
      await backends[Symbol.asyncDispose]();
      await database.drop();
    });

    it("every call is refused within its deadline", async () => {
      await database.proxy?.close();
      const backend = backends.open(database.url, { timeoutMs: 300, nativeChords: true });
      const startedAt = performance.now();
      await Promise.all([
        expect(backend.store(recordOf("t"))).rejects.toMatchObject(UNREACHABLE),
        expect(backend.fetch("t")).rejects.toMatchObject(UNREACHABLE),
        expect(backend.forget("t")).rejects.toMatchObject(UNREACHABLE),
        expect(backend.groups.restore("t")).rejects.toMatchObject(UNREACHABLE),
        expect(backend.chords?.setSize("t", 1)).rejects.toMatchObject(UNREACHABLE),
        expect(backend.watcher.watch("t", () => undefined)).rejects.toMatchObject(UNREACHABLE),
      ]);
      expect(performance.now() - startedAt).toBeLessThan(3000);
      await database.proxy?.open();
    });

    it("a store waits for it to come back, within its deadline", async () => {
      const backend = backends.open(database.url);
      await backend.store(recordOf("before"));
      await database.proxy?.close();
      const storing = backend.store(recordOf("during"));
      await database.proxy?.open();
      await storing;
      expect(await backend.fetch("during")).toMatchObject({ status: "SUCCESS" });
    });

    it("who has more patience than the others waits longer for it", async () => {
      const backend = backends.open(database.url, { timeoutMs: 200, nativeChords: true });
      await backend.fetch("warm", { timeoutMs: 10_000 });
      await database.proxy?.close();
      const patience = { timeoutMs: 15_000 };
      const part = { groupId: "g", taskId: "t", groupIndex: 0, status: "SUCCESS", result: "1", size: 1 } as const;
      const patient = Promise.all([
        ...[backend.store(recordOf("t"), patience), backend.fetch("u", patience)],
        backend.chords?.addPart(part, patience),
      ]);
      for (const id of ["a", "b", "c"]) await expect(backend.forget(id)).rejects.toMatchObject({ retryable: true });
      await database.proxy?.open();
      expect(await patient).toEqual([undefined, undefined, expect.objectContaining({ kind: "complete" })]);
    });

    it("G24: while it is away, a worker keeps outcomes and acknowledges nothing", async () => {
      const backend = backends.open(database.url, { timeoutMs: 300 });
      await backend.store(recordOf("warm"), { timeoutMs: 5_000 });
      const { proxy } = database;
      const store = { away: async () => proxy?.close(), back: async () => proxy?.open() };
      const report = await outlast(backend, store);
      expect(report).toEqual({ waited: true, acksWhileAway: 0, acks: 5, runs: 5, states: Array(5).fill("SUCCESS") });
    }, 60_000);

    it("a cut connection is replaced without a word", async () => {
      const backend = backends.open(database.url);
      await backend.store(recordOf("before"));
      for (let round = 0; round < 5; round += 1) {
        database.proxy?.cut();
        await Promise.all([backend.store(recordOf(`t${round}`)), backend.fetch("before")]);
      }
      expect(await backend.fetch("t4")).toMatchObject({ status: "SUCCESS" });
    });

    it("calls that got no answer leave no connection taken", async () => {
      const backend = backends.open(database.url, { engineOptions: { pool_size: 2, max_overflow: 0 } });
      await backend.fetch("warm");
      database.proxy?.stall();
      const asked = ["a", "b", "c", "d"].map((id) => backend.forget(id, { timeoutMs: 200 }));
      for (const outcome of await Promise.allSettled(asked)) {
        expect(outcome).toMatchObject({ status: "rejected", reason: { retryable: true } });
      }
      database.proxy?.resume();
      expect(await backend.fetch("a")).toBeUndefined();
      await eventually(() => (database.proxy?.connections ?? 0) <= 3);
    });

    it("a store that failed in time is not written later, when it was not on its way yet", async () => {
      const backend = backends.open(database.url);
      await backend.fetch("warm");
      database.proxy?.stall();
      const first = backend.store(recordOf("on its way"), { timeoutMs: 500 });
      await new Promise((resolve) => setImmediate(resolve));
      const second = backend.store(recordOf("behind it"), { timeoutMs: 200 });
      const unwanted = new AbortController();
      const third = backend.store(recordOf("unwanted"), { signal: unwanted.signal });
      unwanted.abort(new Error("not wanted any more"));
      await Promise.all([
        expect(third).rejects.toThrow("not wanted any more"),
        expect(second).rejects.toMatchObject({ code: "BACKEND_TIMEOUT", retryable: true }),
        expect(first).rejects.toMatchObject({ code: "BACKEND_TIMEOUT", retryable: true }),
      ]);
      database.proxy?.resume();
      await backend.store(recordOf("after"));
      expect(await backend.fetch("behind it")).toBeUndefined();
      expect(await backend.fetch("unwanted")).toBeUndefined();
    });

    it("wrong credentials and a database that is not there are said as what they are", async () => {
      const noDatabase = sqlBackend(database.url.replace(/\/[^/]*$/, "/no_such_database"));
      await expect(noDatabase.fetch("t")).rejects.toMatchObject({
        ...{ code: "BACKEND_REFUSED", retryable: false, message: expect.stringContaining("no_such_database") },
      });
      const nobody = sqlBackend(database.url.replace(/\/\/[^@]*@/, "//nobody:secret@"));
      const failure: unknown = await nobody.fetch("t").catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "BACKEND_AUTH", retryable: false });
      expect(String(failure)).not.toContain("secret");
      expect(nobody.description).not.toContain("secret");
    });

    it("all connections are closed with the backend", async () => {
      const backend = backends.open(database.url);
      await backend.watcher.watch("t", () => undefined);
      await Promise.all(Array.from({ length: 20 }, (_, index) => backend.forget(`t${index}`)));
      await backend[Symbol.asyncDispose]();
      await eventually(() => database.proxy?.connections === 0);
    });
  });
});
