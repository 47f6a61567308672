import { DataSource, type DataSourceOptions, type EntitySchema, LessThan, MoreThan } from "typeorm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createResultTables,
  type EntityDialect,
  type ResultMigration,
  readGroupRow,
  readTaskRow,
  resultEntities,
  resultMigrations,
} from "../src/index.js";
import { hasSqlCelery, SqlPeer } from "./peers/sql-peer.js";
import { Backends, FAILURE, recordOf } from "./sample.js";
import { createTestDatabase, planSource, SERVERS, type TestDatabase } from "./servers/sql-server.js";

describe.each(SERVERS)("entities in $title", (server) => {
  const dialect: EntityDialect = server.dialect === "mysql" ? "mariadb" : server.dialect;

  describe.skipIf(server.url === undefined)("of a DataSource of the caller's", () => {
    let database: TestDatabase;
    const backends = new Backends();
    const sources: DataSource[] = [];
    const zone = process.env.TZ;

    beforeEach(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(async () => {
      process.env.TZ = zone ?? "";
      await backends[Symbol.asyncDispose]();
      for (const source of sources.splice(0)) await source.destroy();
      await database.drop();
    });

    /** As somebody would write it who knows nothing of how we connect: only the driver of SQLite is ours, since there are two. */
    const open = async (entities: EntitySchema[], migrations: ResultMigration[] = []): Promise<DataSource> => {
      const ours = await planSource(database.directUrl);
      const plain = { type: dialect === "mariadb" ? "mariadb" : "postgres", url: database.directUrl };
      // The union of typeorm's options is narrowed by `type`, which is one of two here.
      const options = { ...(dialect === "sqlite" ? ours : plain), entities, migrations } as DataSourceOptions;
      const source = await new DataSource(options).initialize();
      sources.push(source);
      return source;
    };

    const changesOf = async (source: DataSource): Promise<readonly string[]> =>
      (await source.driver.createSchemaBuilder().log()).upQueries.map(({ query }) => query);

    it("are what our tables are: typeorm finds nothing to change", async () => {
      await createResultTables(database.directUrl, { nativeChords: true });
      const source = await open(resultEntities({ dialect, nativeChords: true }).all);
      expect(await changesOf(source)).toEqual([]);
      await source.synchronize();
      expect(await changesOf(source)).toEqual([]);
    });

    it("are what the migrations make", async () => {
      const { all } = resultEntities({ dialect, nativeChords: true });
      const source = await open(all, resultMigrations({ nativeChords: true }));
      await source.runMigrations();
      expect(await changesOf(source)).toEqual([]);
    });

    it("notice a table that is another one", async () => {
      await createResultTables(database.directUrl);
      await database.ask("ALTER TABLE celery_taskmeta DROP COLUMN worker");
      const source = await open(resultEntities({ dialect }).all);
      expect((await changesOf(source)).join("\n")).toMatch(/worker/);
    });

    it("are what our tables are under other names and in other schemas", async () => {
      const tableNames = { task: "my tasks", group: `g${"x".repeat(62)}`, chord: "select", chordEntry: "from" };
      const isPlaced = server.dialect === "postgres";
      if (isPlaced) await database.ask('CREATE SCHEMA "other place"');
      const tableSchemas = isPlaced ? { task: "other place", group: "other place", chord: "other place" } : {};
      const options = { tableNames, tableSchemas, nativeChords: true };
      await createResultTables(database.directUrl, options);
      const source = await open(resultEntities({ dialect, ...options }).all);
      expect(await changesOf(source)).toEqual([]);
    });

    it.skipIf(!hasSqlCelery)("are what Celery's tables are, once they have the column of ours", async () => {
      await using peer = new SqlPeer(database.directUrl);
      await peer.ask({ do: "fetch", id: "makes the tables" });
      const source = await open(resultEntities({ dialect, madeBy: "celery" }).all);
      const changes = await changesOf(source);
      if (dialect !== "sqlite") expect(changes).toHaveLength(2);
      expect(changes.join("\n")).toMatch(/celeriac_extra/);
      await createResultTables(database.directUrl);
      expect(await changesOf(source)).toEqual([]);
    });

    it("make tables that the backend works on", async () => {
      const source = await open(resultEntities({ dialect, nativeChords: true }).all);
      await source.synchronize();
      expect(await changesOf(source)).toEqual([]);
      const backend = backends.open(database.url, { nativeChords: true });
      await backend.store(recordOf("first"));
      await backend.store(recordOf("second"));
      await backend.groups.save("group", [["group", null], []]);
      expect((await backend.fetch("second"))?.result).toBe(5);
      expect(await changesOf(source)).toEqual([]);
    });

    it("give results and groups to a repository, decoded by the functions that go with them", async () => {
      const backend = backends.open(database.url);
      const extended = { name: "t", args: [1], kwargs: {}, worker: "w", retries: 1, queue: "q" };
      await backend.store(recordOf("done", "SUCCESS", { a: [1, "☃"] }, { extended, groupId: "g" }));
      await backend.store(recordOf("failed", "FAILURE", FAILURE));
      await backend.groups.save("g", [["g", [["parent", null], null]], [[["done", null], null]]]);
      const { task, group, all } = resultEntities({ dialect });
      const source = await open(all);
      const row = await source.getRepository(task).findOneByOrFail({ taskId: "done" });
      expect(row).toMatchObject({ status: "SUCCESS", name: "t", retries: 1, id: expect.any(Number) });
      expect(row.result).toBeInstanceOf(Buffer);
      expect(readTaskRow(row)).toEqual(await backend.fetch("done"));
      const [failed] = await source.getRepository("CeleryTaskMeta").find({ where: { status: "FAILURE" } });
      expect(failed).toMatchObject({ taskId: "failed" });
      expect(readGroupRow(await source.getRepository(group).findOneByOrFail({ tasksetId: "g" }))).toEqual([
        ["g", [["parent", null], null]],
        [[["done", null], null]],
      ]);
    });

    it.each(["UTC", "America/St_Johns"])("know when a task was done, in the zone %s too", async (name) => {
      process.env.TZ = name;
      await backends.open(database.url).store(recordOf("t"));
      const { task, all } = resultEntities({ dialect });
      const repository = (await open(all)).getRepository(task);
      const doneMs = Date.UTC(2026, 1, 2, 3, 4, 5, 678);
      expect((await repository.findOneByOrFail({ taskId: "t" })).dateDone?.getTime()).toBe(doneMs);
      expect(await repository.countBy({ dateDone: LessThan(new Date(doneMs + 1000)) })).toBe(1);
      expect(await repository.countBy({ dateDone: MoreThan(new Date(doneMs + 1000)) })).toBe(0);
    });
  });
});
