import type { ResultBackend } from "@celeriac/core/ports";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Backends, eventually, mark, recordOf } from "./sample.js";
import { createCountingSource } from "./servers/counting-source.js";
import { createTestDatabase, MARIADB, POSTGRES, SQLITE, type TestDatabase } from "./servers/sql-server.js";

/** What one watch hears. */
async function hear(backend: ResultBackend, taskId: string, errors: unknown[] = []): Promise<string[]> {
  const heard: string[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  await backend.watcher.watch(taskId, (meta) => void heard.push(`${meta.status}:${meta.result}`), { onError });
  return heard;
}

describe.skipIf(POSTGRES.url === undefined)("announcements of PostgreSQL", () => {
  let database: TestDatabase;
  const backends = new Backends();
  /** So long that what is heard was announced. */
  const announcedOnly = { pollMinMs: 60_000, pollMaxMs: 60_000 };

  beforeEach(async () => {
    database = await createTestDatabase(POSTGRES);
  });
  afterEach(async () => {
    await backends[Symbol.asyncDispose]();
    await database.drop();
  });

  it("one connection listens, however many wait", async () => {
    const backend = backends.open(database.url, announcedOnly);
    const ids = Array.from({ length: 500 }, (_, index) => `t${index}`);
    const heard = await Promise.all(ids.map((id) => hear(backend, id)));
    const listening = await database.ask(
      "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    expect(listening.map((row) => row.query)).toEqual(['LISTEN "celeriac.celery_taskmeta"']);
    const peer = backends.open(database.url);
    await Promise.all(ids.map((id, index) => peer.store(recordOf(id, "SUCCESS", index))));
    await eventually(() => heard.every((states) => states.length === 1));
    expect(heard.map((states) => states[0])).toEqual(ids.map((_, index) => `SUCCESS:${index}`));
  });

  it("a state that SUCCESS shut out is not announced", async () => {
    const backend = backends.open(database.url, announcedOnly);
    const heard = await hear(backend, "t");
    const peer = backends.open(database.url);
    await peer.store(recordOf("t", "SUCCESS", 1));
    await eventually(() => heard.length === 1);
    await peer.store(recordOf("t", "STARTED", 2));
    await peer.store(recordOf("u", "SUCCESS", 3));
    expect(await hear(backend, "u")).toEqual(["SUCCESS:3"]);
    expect(heard).toEqual(["SUCCESS:1"]);
  });

  it("what was stored while nobody could listen is read when it listens again", async () => {
    const backend = backends.open(database.url, announcedOnly);
    const errors: unknown[] = [];
    const heard = await hear(backend, "t", errors);
    await database.proxy?.close();
    const direct = backends.open(database.directUrl);
    await direct.store(recordOf("t", "PROGRESS", 1));
    await database.proxy?.open();
    await eventually(() => heard.length === 1);
    expect(errors.length).toBeGreaterThan(0);
    await direct.store(recordOf("t", "SUCCESS", 2));
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(["PROGRESS:1", "SUCCESS:2"]);
  });

  it("without them, results are found by looking", async () => {
    const backend = backends.open(database.url, { notify: false });
    const heard = await hear(backend, "t");
    await backends.open(database.directUrl, { notify: false }).store(recordOf("t"));
    await eventually(() => heard.length === 1);
    const listening = await database.ask(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    expect(listening).toEqual([]);
  });
});

describe.each([POSTGRES, MARIADB, SQLITE])("looking for results in $title", (server) => {
  describe.skipIf(server.url === undefined)("for many", () => {
    let database: TestDatabase;
    const backends = new Backends();

    beforeEach(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(async () => {
      await backends[Symbol.asyncDispose]();
      await database.drop();
    });

    it("is one query for all of them, ever less often, and ends with the last of them", async () => {
      const { source, statements } = await createCountingSource(database.url);
      const backend = backends.open(source, { notify: false, pollMinMs: 20, pollMaxMs: 200 });
      const ids = Array.from({ length: 300 }, (_, index) => `t${index}`);
      const watches = await Promise.all(ids.map((id) => backend.watcher.watch(id, () => undefined)));
      statements.length = 0;
      const startedAt = performance.now();
      await eventually(() => statements.length >= 8);
      // 20, 30, 45, 67, 101, 151, 200 and 200 ms: 0.8 s in all, less what had passed.
      expect(performance.now() - startedAt).toBeGreaterThan(500);
      expect(new Set(statements.map((sql) => sql.slice(0, 40))).size, "all alike").toBe(1);
      await Promise.all(watches.map((watch) => watch[Symbol.asyncDispose]()));
      const before = statements.length;
      await new Promise((resolve) => setTimeout(resolve, 450));
      expect(statements.length - before).toBeLessThanOrEqual(1);
      await backends[Symbol.asyncDispose]();
      await source.destroy();
    });

    it("finds what was written without an announcement, and a state that looks much like the last one", async () => {
      const backend = backends.open(database.url);
      const heard = await hear(backend, "t");
      const peer = backends.open(database.directUrl, { notify: false });
      for (let step = 1; step <= 3; step += 1) {
        await peer.store(recordOf("t", "PROGRESS", step));
        await eventually(() => heard.length === step);
      }
      expect(heard).toEqual(["PROGRESS:1", "PROGRESS:2", "PROGRESS:3"]);
    });

    it.runIf(server.dialect === "mysql")(
      "tells states of the same second apart in a table that Celery made",
      async () => {
        const columns =
          "id INTEGER NOT NULL, task_id VARCHAR(155), status VARCHAR(50), result BLOB, date_done DATETIME, traceback TEXT";
        await database.ask(`CREATE TABLE celery_taskmeta (${columns}, PRIMARY KEY (id), UNIQUE (task_id))`);
        const backend = backends.open(database.url);
        const heard = await hear(backend, "t");
        const peer = backends.open(database.directUrl);
        for (let step = 1; step <= 5; step += 1) {
          await peer.store(recordOf("t", "PROGRESS", step));
          await eventually(() => heard.at(-1) === `PROGRESS:${step}`);
        }
        expect(heard).toEqual([1, 2, 3, 4, 5].map((step) => `PROGRESS:${step}`));
      },
    );

    it("tells those who wait for a row that nobody can read, once", async () => {
      const backend = backends.open(database.url);
      const errors: { code?: string }[] = [];
      const heard = await hear(backend, "t", errors);
      const values = `9, ${mark(database, 1)}, 'SUCCESS', ${mark(database, 2)}`;
      await database.ask(`INSERT INTO celery_taskmeta (id, task_id, status, result) VALUES (${values})`, [
        "t",
        Buffer.from("{"),
      ]);
      await eventually(() => errors.length === 1);
      expect(errors[0]).toMatchObject({ code: "E_RESULT" });
      await backend.store(recordOf("other"));
      expect(heard).toEqual([]);
      expect(errors).toHaveLength(1);
    });
  });
});
