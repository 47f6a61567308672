import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResultTables } from "../src/index.js";
import { Backends, recordOf } from "./sample.js";
import { oldTables } from "./servers/old-tables.js";
import { createTestDatabase, MARIADB, POSTGRES, type TestDatabase } from "./servers/sql-server.js";

let count = 0;

describe.each([POSTGRES, MARIADB])("who may not change tables in $title", (server) => {
  describe.skipIf(server.url === undefined)("is served", () => {
    let database: TestDatabase;
    let worker: string;
    let url: string;
    const backends = new Backends();
    const warnings: string[] = [];

    beforeEach(async () => {
      database = await createTestDatabase(server);
      count += 1;
      worker = `celeriac_worker_${process.pid}_${count}`;
      const create = { postgres: `CREATE ROLE ${worker} LOGIN PASSWORD 'p'`, mysql: `CREATE USER ${worker}@'%'` };
      await database.ask(server.dialect === "postgres" ? create.postgres : `${create.mysql} IDENTIFIED BY 'p'`);
      const target = new URL(database.url);
      target.username = worker;
      target.password = "p";
      url = target.href;
      warnings.length = 0;
    });
    afterEach(async () => {
      await backends[Symbol.asyncDispose]();
      if (server.dialect === "postgres") await database.ask(`DROP OWNED BY ${worker}`);
      await database.ask(server.dialect === "postgres" ? `DROP ROLE ${worker}` : `DROP USER ${worker}@'%'`);
      await database.drop();
    });

    const grant = async (): Promise<void> => {
      const rights = "SELECT, INSERT, UPDATE, DELETE";
      if (server.dialect === "mysql") await database.ask(`GRANT ${rights} ON \`${nameOf(url)}\`.* TO ${worker}@'%'`);
      else {
        await database.ask(`GRANT ${rights} ON ALL TABLES IN SCHEMA public TO ${worker}`);
        await database.ask(`GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${worker}`);
        await database.ask(`REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
      }
    };
    const open = () => backends.open(url, { onWarning: (message) => void warnings.push(message) });

    it("from Celery's tables, without the columns that they lack, and is told of them once", async () => {
      for (const sql of oldTables(server.dialect)) await database.ask(sql);
      await grant();
      const backend = open();
      await backend.store(recordOf("t", "SUCCESS", 5, { groupId: "g" }));
      await backend.store(recordOf("u"));
      expect(await backend.fetch("t")).toMatchObject({ status: "SUCCESS", result: 5 });
      expect(warnings).toEqual([expect.stringMatching(/ALTER TABLE .*celeriac_extra.*createResultTables/)]);
    });

    it("from tables that the owner has made, and hears nothing", async () => {
      await createResultTables(database.directUrl);
      await grant();
      const backend = open();
      await backend.store(recordOf("t", "SUCCESS", 5, { groupId: "g" }));
      expect(await backend.fetch("t")).toMatchObject({ groupId: "g" });
      expect(warnings).toEqual([]);
    });

    it("with an error that names the setting at once, where there are no tables", async () => {
      await database.ask("CREATE TABLE of_the_application (id INTEGER)");
      await grant();
      const startedAt = performance.now();
      await expect(open().store(recordOf("t"))).rejects.toMatchObject({
        ...{ code: "BACKEND_REFUSED", retryable: false },
        message: expect.stringMatching(/CREATE .*denied.*`createTables: false`.*createResultTables\(\)/),
      });
      expect(performance.now() - startedAt, "it is not tried again and again").toBeLessThan(1_500);
    });
  });
});

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
