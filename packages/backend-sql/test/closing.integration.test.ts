import { DataSource } from "typeorm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Backends, recordOf } from "./sample.js";
import { createTestDatabase, MARIADB, POSTGRES, planSource, SERVERS, type TestDatabase } from "./servers/sql-server.js";

const CLOSED = { code: "BACKEND_CLOSED", retryable: false };

describe.each(SERVERS)("closing on $title", (server) => {
  describe.skipIf(server.url === undefined)("a backend", () => {
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

    it("stores what was asked for before, however much that is, and nothing after", async () => {
      const backend = backends.open(database.url, { nativeChords: true, timeoutMs: 30_000 });
      const stores = Array.from({ length: 1_200 }, (_, index) => backend.store(recordOf(`t${index}`)));
      const part = { groupIndex: 0, status: "SUCCESS", result: "1", size: 1 } as const;
      const parts = Array.from({ length: 600 }, (_, index) =>
        backend.chords?.addPart({ groupId: "g", taskId: `t${index}`, ...part }),
      );
      const all = Promise.allSettled([...stores, ...parts]);
      const closing = backend[Symbol.asyncDispose]();
      await expect(backend.store(recordOf("late"))).rejects.toMatchObject(CLOSED);
      await expect(backend.chords?.addPart({ groupId: "g", taskId: "late", ...part })).rejects.toMatchObject(CLOSED);
      await closing;
      expect((await all).filter(({ status }) => status === "rejected")).toEqual([]);
      const [row] = await database.ask("SELECT COUNT(*) AS stored FROM celery_taskmeta");
      expect(Number(row?.stored)).toBe(1_200);
    });
  });
});

describe.each([POSTGRES, MARIADB])("closing on a $title that says nothing any more", (server) => {
  describe.skipIf(server.url === undefined)("a backend", () => {
    let database: TestDatabase;
    const backends = new Backends();

    beforeEach(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(async () => {
      database.proxy?.cut();
      database.proxy?.resume();
      await backends[Symbol.asyncDispose]();
      await database.drop();
    });

    it("ends, also when the caller's DataSource waits for a connection for ever", async () => {
      const plan = await planSource(database.url);
      const size = server.dialect === "postgres" ? { max: 1 } : { connectionLimit: 1 };
      const source = await new DataSource({ ...plan, extra: size } as typeof plan).initialize();
      const backend = backends.open(source, { timeoutMs: 300 });
      await backend.fetch("warm", { timeoutMs: 10_000 });
      database.proxy?.stall();
      const calls = ["a", "b", "c"].map((id) => backend.forget(id));
      const refused = Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ retryable: true })));
      await backend[Symbol.asyncDispose]();
      await refused;
      database.proxy?.cut();
      database.proxy?.resume();
      await source.destroy().catch(() => undefined); // mysql2 may say that its connection was cut
    });

    it("refuses watches that have not begun, at once", async () => {
      const backend = backends.open(database.url, { timeoutMs: 1_000 });
      await backend.fetch("warm", { timeoutMs: 10_000 });
      database.proxy?.stall();
      const startedAt = performance.now();
      const watching = backend.watcher.watch("t", () => undefined, { timeoutMs: 60_000 });
      const refused = expect(watching).rejects.toMatchObject(CLOSED);
      const closed = backend[Symbol.asyncDispose]();
      await refused;
      expect(performance.now() - startedAt).toBeLessThan(900);
      await closed;
      await expect(backend.watcher.watch("u", () => undefined)).rejects.toMatchObject(CLOSED);
    });
  });
});
