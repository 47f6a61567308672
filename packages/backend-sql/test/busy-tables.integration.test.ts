import { DataSource } from "typeorm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResultTables } from "../src/index.js";
import { Backends, eventually, recordOf } from "./sample.js";
import { oldTables } from "./servers/old-tables.js";
import { openReader } from "./servers/open-reader.js";
import { createTestDatabase, MARIADB, POSTGRES, planSource, type TestDatabase } from "./servers/sql-server.js";

describe.each([POSTGRES, MARIADB])("Celery's tables in $title, while somebody reads them for long,", (server) => {
  describe.skipIf(server.url === undefined)("lack our column and", () => {
    let database: TestDatabase;
    let reader: AsyncDisposable;
    const backends = new Backends();

    beforeEach(async () => {
      database = await createTestDatabase(server);
      for (const sql of oldTables(server.dialect)) await database.ask(sql);
      reader = await openReader(database.directUrl, "celery_taskmeta");
    });
    afterEach(async () => {
      await reader[Symbol.asyncDispose]();
      await backends[Symbol.asyncDispose]();
      await database.drop();
    });

    it("are used without it; others who read wait for a moment at most; the next start makes it", async () => {
      const warnings: string[] = [];
      const onWarning = (message: string): void => void warnings.push(message);
      let isStored = false;
      const backend = backends.open(database.url, { timeoutMs: 4_000, onWarning });
      const stored = backend.store(recordOf("t", "SUCCESS", 5, { groupId: "g" }), { timeoutMs: 15_000 }).finally(() => {
        isStored = true;
      });
      let slowestMs = 0;
      while (!isStored) {
        const askedAt = performance.now();
        await database.ask("SELECT status FROM celery_taskmeta WHERE task_id = 'x'");
        slowestMs = Math.max(slowestMs, performance.now() - askedAt);
      }
      await stored;
      expect(slowestMs).toBeLessThan(4_000);
      expect(await backend.fetch("t")).toMatchObject({ result: 5, children: null });
      expect(warnings).toEqual([expect.stringMatching(/ALTER TABLE .*celeriac_extra.*next start/)]);

      await reader[Symbol.asyncDispose]();
      reader = { [Symbol.asyncDispose]: async () => undefined };
      const next = backends.open(database.url, { onWarning });
      await next.store(recordOf("u", "SUCCESS", 5, { groupId: "g" }));
      expect(await next.fetch("u")).toMatchObject({ groupId: "g" });
      expect(warnings).toHaveLength(1);
    });

    it("are not completed on demand: the statement is named, and no connection stays", async () => {
      await expect(createResultTables(database.url, { timeoutMs: 2_000 })).rejects.toMatchObject({
        ...{ code: "BACKEND_UNAVAILABLE", retryable: true, message: /ALTER TABLE .*Another connection/ },
      });
      await eventually(() => database.proxy?.connections === 0);
    });

    it("take no connection away from the caller's DataSource, nor its settings", async () => {
      const plan = await planSource(database.url);
      const size = server.dialect === "postgres" ? { max: 1 } : { connectionLimit: 1 };
      const source = await new DataSource({ ...plan, extra: size } as typeof plan).initialize();
      const waits = { postgres: "SHOW lock_timeout", mysql: "SELECT @@SESSION.lock_wait_timeout AS wait" };
      const patience = async (): Promise<unknown> =>
        source.query(server.dialect === "postgres" ? waits.postgres : waits.mysql);
      if (server.dialect === "mysql") await source.query("SET SESSION lock_wait_timeout = 77");
      const before = await patience();
      const backend = backends.open(source, { timeoutMs: 300, onWarning: () => undefined });
      for (let call = 0; call < 4; call += 1) {
        const failure: unknown = await backend.fetch("t").catch((error: unknown) => error);
        if (failure !== undefined) expect(failure).toMatchObject({ retryable: true, message: /ALTER TABLE/ });
      }
      expect(await backend.fetch("t", { timeoutMs: 10_000 })).toBeUndefined();
      expect(await patience()).toEqual(before);
      await backend[Symbol.asyncDispose]();
      await source.destroy();
    });
  });
});
