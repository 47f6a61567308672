import { DataSource, type DataSourceOptions } from "typeorm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResultTables, type ResultMigrationsOptions, resultMigrations } from "../src/index.js";
import { hasSqlCelery, SqlPeer } from "./peers/sql-peer.js";
import { Backends, mark, recordOf } from "./sample.js";
import { OLD_PICKLE, oldTables } from "./servers/old-tables.js";
import { createTestDatabase, planSource, SERVERS, type TestDatabase } from "./servers/sql-server.js";

const MODES = ["all", "each", "none"] as const;

describe.each(SERVERS)("migrations in $title", (server) => {
  describe.skipIf(server.url === undefined)("of a DataSource of the caller's", () => {
    let database: TestDatabase;
    const backends = new Backends();
    const sources: DataSource[] = [];

    beforeEach(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(async () => {
      await backends[Symbol.asyncDispose]();
      for (const source of sources.splice(0)) await source.destroy();
      await database.drop();
    });

    const open = async (
      options: ResultMigrationsOptions = {},
      migrationsTransactionMode: DataSourceOptions["migrationsTransactionMode"] = "all",
    ): Promise<DataSource> => {
      const ours = await planSource(database.directUrl);
      const migrations = resultMigrations(options);
      const source = await new DataSource({ ...ours, migrations, migrationsTransactionMode }).initialize();
      sources.push(source);
      return source;
    };

    /** All of the tables that are there, as typeorm finds them. */
    const columnsByTable = async (): Promise<readonly (readonly [string, readonly string[]])[]> => {
      const runner = (sources.at(-1) ?? (await open())).createQueryRunner();
      const names = ["celery_taskmeta", "celery_tasksetmeta", "celeriac_chord", "celeriac_chord_entry"];
      try {
        return (await runner.getTables(names)).map(({ name, columns }) => [name, columns.map((column) => column.name)]);
      } finally {
        await runner.release();
      }
    };

    const columnsOf = async (table: string): Promise<readonly string[]> =>
      (await columnsByTable()).find(([name]) => name === table)?.[1] ?? [];

    it.each(MODES)("make and drop everything, in the transaction mode %j", async (mode) => {
      const source = await open({ nativeChords: true }, mode);
      expect((await source.runMigrations()).map(({ name }) => name)).toEqual([
        expect.stringMatching(/^CeleriacCreateResultTables\d{13}$/),
        expect.stringMatching(/^CeleriacAddResultColumns\d{13}$/),
        expect.stringMatching(/^CeleriacCreateChordTables\d{13}$/),
      ]);
      expect(await source.runMigrations()).toEqual([]);
      const backend = backends.open(database.url, { createTables: false, nativeChords: true });
      await backend.store(recordOf("t"));
      await backend.chords?.setSize("c", 1);
      expect((await backend.fetch("t"))?.result).toBe(5);
      for (const table of ["celeriac_chord", "celery_taskmeta"]) await database.ask(`DELETE FROM ${table}`);

      await source.undoLastMigration();
      expect(await columnsOf("celeriac_chord")).toEqual([]);
      await source.undoLastMigration();
      expect(await columnsOf("celery_taskmeta")).not.toContain("celeriac_extra");
      expect(await columnsOf("celery_taskmeta")).toContain("worker");
      await source.undoLastMigration();
      expect(await columnsByTable()).toEqual([]);
      await source.runMigrations();
      expect(await columnsByTable()).toHaveLength(4);
    });

    it("make the same tables as createResultTables(), which finds nothing to do then", async () => {
      const source = await open({ nativeChords: true });
      await createResultTables(database.directUrl, { nativeChords: true });
      const made = await columnsByTable();
      for (const [name] of made) await database.ask(`DROP TABLE ${name}`);
      await source.runMigrations();
      expect(await columnsByTable()).toEqual(made);
      await createResultTables(database.directUrl, { nativeChords: true });
      expect(await columnsByTable()).toEqual(made);
    });

    it("run over tables that are there, and add the chords later", async () => {
      await createResultTables(database.directUrl);
      await backends.open(database.url).store(recordOf("kept"));
      expect(await (await open()).runMigrations()).toHaveLength(2);
      expect(await (await open({ nativeChords: true })).runMigrations()).toHaveLength(1);
      expect((await backends.open(database.url).fetch("kept"))?.result).toBe(5);
    });

    it("do not drop results when they are undone", async () => {
      const source = await open();
      await source.runMigrations();
      await backends.open(database.url).store(recordOf("kept"));
      await source.undoLastMigration();
      const refusal = { code: "BACKEND_REFUSED", message: /celery_taskmeta.* rows/ };
      await expect(source.undoLastMigration()).rejects.toMatchObject(refusal);
      expect(await database.ask("SELECT task_id FROM celery_taskmeta")).toEqual([{ task_id: "kept" }]);
    });

    it("for several sets of tables live in one database", async () => {
      const tableNames = { task: "my tasks", group: "my groups" };
      expect(await (await open()).runMigrations()).toHaveLength(2);
      expect(await (await open({ tableNames })).runMigrations()).toHaveLength(2);
      for (const options of [{}, { tableNames }]) {
        const backend = backends.open(database.url, { ...options, createTables: false });
        await backend.store(recordOf("t", "SUCCESS", options));
        expect((await backend.fetch("t"))?.result).toEqual(options);
      }
    });

    it("may run while workers start", async () => {
      const source = await open({ nativeChords: true });
      const stores = [1, 2, 3].map((index) =>
        backends.open(database.directUrl, { nativeChords: true }).store(recordOf(`t${index}`)),
      );
      await Promise.all([...stores, source.runMigrations()]);
      expect(await database.ask("SELECT task_id FROM celery_taskmeta")).toHaveLength(3);
    });

    it.skipIf(!hasSqlCelery)("upgrade tables of Celery 4, whose rows Python reads afterwards", async () => {
      for (const sql of oldTables(server.dialect)) await database.ask(sql);
      const values = `41, 'old', 'SUCCESS', ${mark(database, 1)}, '2020-01-02 03:04:05', NULL`;
      await database.ask(`INSERT INTO celery_taskmeta VALUES (${values})`, [OLD_PICKLE]);
      expect(await (await open()).runMigrations()).toHaveLength(2);
      await using peer = new SqlPeer(database.directUrl);
      expect(await peer.ask({ do: "get", id: "old" })).toEqual({ value: "{'answer': 42}" });
      expect(await peer.ask({ do: "store", id: "python", state: "SUCCESS", value: "five" })).toEqual({});
      const backend = backends.open(database.url, { createTables: false });
      const extended = { name: "t", args: [1], kwargs: {}, worker: "w", retries: 1, queue: "q" };
      await backend.store(recordOf("ours", "SUCCESS", 7, { extended, groupId: "g" }));
      expect(await backend.fetch("old")).toMatchObject({
        result: { answer: 42 },
        dateDoneMs: Date.UTC(2020, 0, 2, 3, 4, 5),
      });
      expect(await backend.fetch("ours")).toMatchObject({ groupId: "g", extra: extended });
      expect((await backend.fetch("python"))?.extra).toMatchObject({ name: "tasks.add", queue: "celery" });
      expect(await peer.ask({ do: "get", id: "ours" })).toEqual({ value: "7" });
      const ids = (await database.ask("SELECT id FROM celery_taskmeta ORDER BY id")).map(({ id }) => Number(id));
      expect(ids).toHaveLength(3);
      expect(ids[0], "ids go on where they were").toBe(41);
    });
  });
});
