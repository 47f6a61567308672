import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResultTables } from "../src/index.js";
import { Backends, recordOf } from "./sample.js";
import { createTestDatabase, SERVERS, type TestDatabase } from "./servers/sql-server.js";

/** As Celery 4 made it, before result_extended. */
const OLD_TABLE =
  "(id INTEGER NOT NULL, task_id VARCHAR(155), status VARCHAR(50), result BYTES, date_done DATES, traceback TEXT, PRIMARY KEY (id), UNIQUE (task_id))";

describe.each(SERVERS)("the tables in $title", (server) => {
  describe.skipIf(server.url === undefined)("of an empty database", () => {
    let database: TestDatabase;
    const backends = new Backends();

    beforeEach(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(async () => {
      await backends[Symbol.asyncDispose]();
      await database.drop();
    });

    it("are made once, however many backends and processes need them at the same moment", async () => {
      const program = `
        import { sqlBackend } from "@celeriac/backend-sql";
        const backend = sqlBackend(process.argv[1], { nativeChords: true });
        await backend.store(${JSON.stringify(recordOf("from another process"))});
        await backend[Symbol.asyncDispose]();`;
      const args = ["--input-type=module", "--eval", program, database.directUrl];
      const cwd = new URL("..", import.meta.url).pathname;
      const children = [1, 2].map(() =>
        spawn(process.execPath, args, { cwd, stdio: ["ignore", "inherit", "inherit"] }),
      );
      const ended = children.map((child) => once(child, "exit"));
      const stores = Array.from({ length: 6 }, (_, index) =>
        backends.open(database.directUrl, { nativeChords: true }).store(recordOf(`t${index}`)),
      );
      await Promise.all(stores);
      expect(await Promise.all(ended)).toEqual([
        [0, null],
        [0, null],
      ]);
      expect(await database.ask("SELECT task_id FROM celery_taskmeta")).toHaveLength(7);
    });

    it("may be made before, and again, by whoever has the right to", async () => {
      const backend = backends.open(database.url, { createTables: false });
      await expect(backend.store(recordOf("t"))).rejects.toMatchObject({
        ...{ code: "BACKEND_REFUSED", retryable: false, message: /no table .*celery_taskmeta.*createResultTables/ },
      });
      await createResultTables(database.directUrl);
      await createResultTables(database.directUrl, { nativeChords: true });
      await backend.store(recordOf("t"));
      expect((await backend.fetch("t"))?.status).toBe("SUCCESS");
    });

    it("of an older Celery get the columns they lack, and keep their rows", async () => {
      const types = { postgres: ["BYTEA", "TIMESTAMP"], mysql: ["BLOB", "DATETIME"], sqlite: ["BLOB", "DATETIME"] }[
        server.dialect
      ];
      await database.ask(
        `CREATE TABLE celery_taskmeta ${OLD_TABLE.replace("BYTES", types[0] ?? "").replace("DATES", types[1] ?? "")}`,
      );
      await database.ask(
        "INSERT INTO celery_taskmeta (id, task_id, status, date_done) VALUES (41, 'old', 'SUCCESS', '2020-01-02 03:04:05')",
      );
      const extended = { name: "t", args: [1], kwargs: {}, worker: "w", retries: 1, queue: "q" };
      const backend = backends.open(database.url);
      await backend.store(recordOf("new", "SUCCESS", 5, { extended, groupId: "g" }));
      expect(await backend.fetch("new")).toMatchObject({ groupId: "g", extra: extended });
      expect(await backend.fetch("old")).toMatchObject({ result: null, dateDoneMs: Date.UTC(2020, 0, 2, 3, 4, 5) });
      const rows = await database.ask("SELECT id FROM celery_taskmeta ORDER BY id");
      expect(Number(rows.at(-1)?.id), "ids go on where they were").toBeGreaterThan(41);
    });

    it("that lack columns, and may not get them, keep what they can", async () => {
      await createResultTables(database.directUrl);
      await database.ask("ALTER TABLE celery_taskmeta DROP COLUMN celeriac_extra");
      await database.ask("ALTER TABLE celery_taskmeta DROP COLUMN worker");
      const backend = backends.open(database.url, { createTables: false });
      await backend.store(recordOf("t", "SUCCESS", 5, { groupId: "g" }));
      expect(await backend.fetch("t")).toMatchObject({ result: 5, children: null });
    });

    it("have the names that are asked for", async () => {
      const schema = { postgres: "other place", mysql: undefined, sqlite: undefined }[server.dialect];
      if (schema !== undefined) await database.ask(`CREATE SCHEMA "${schema}"`);
      const tableNames = { task: "my tasks", group: "ORDER", chord: "select", chordEntry: "from" };
      const places = schema === undefined ? {} : { task: schema, group: schema, chord: schema };
      const backend = backends.open(database.url, { tableNames, tableSchemas: places, nativeChords: true });
      await backend.store(recordOf("t"));
      await backend.groups.save("g", [["g", null], []]);
      await backend.chords?.setSize("c", 1);
      expect(await backend.fetch("t")).toMatchObject({ status: "SUCCESS" });
      expect(await backend.groups.restore("g")).toEqual([["g", null], []]);
      const heard: string[] = [];
      const watch = await backend.watcher.watch("t", (meta) => void heard.push(meta.status));
      await watch[Symbol.asyncDispose]();
      expect(heard).toEqual(["SUCCESS"]);
      const [quote, place] = server.dialect === "mysql" ? ["`", ""] : ['"', schema === undefined ? "" : `"${schema}".`];
      expect(await database.ask(`SELECT 1 FROM ${place}${quote}my tasks${quote}`)).toHaveLength(1);
    });
  });
});
