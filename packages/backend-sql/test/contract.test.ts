import type { ResultBackend } from "@celeriac/core/ports";
import { type BackendFixture, backendContract } from "@celeriac/testkit";
import { afterAll, beforeAll, describe, it } from "vitest";
import { createResultTables, type SqlBackendOptions, sqlBackend } from "../src/index.js";
import { createTestDatabase, SERVERS, type TestDatabase } from "./servers/sql-server.js";

const TABLES = ["celery_taskmeta", "celery_tasksetmeta", "celeriac_chord", "celeriac_chord_entry"];

describe.each(SERVERS)("the backend contract on $title", (server) => {
  describe.skipIf(server.url === undefined)("with chords", () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await createTestDatabase(server);
      await createResultTables(database.directUrl, { nativeChords: true });
    });
    afterAll(() => database.drop());

    async function create(): Promise<BackendFixture> {
      for (const table of TABLES) await database.ask(`DELETE FROM ${table}`);
      const opened: ResultBackend[] = [];
      const open = (more: SqlBackendOptions = {}): ResultBackend => {
        const backend = sqlBackend(database.url, { nativeChords: true, ...more });
        opened.push(backend);
        return backend;
      };
      const mark = (position: number): string => (server.dialect === "postgres" ? `$${position}` : "?");
      return {
        backend: open(),
        createPeer: () => open(),
        createCompressingPeer: () => open({ resultCompression: "zlib" }),
        maxIdLength: 155,
        putRaw: async (taskId, text) => {
          // The highest id of all tests is far below; sequences do not matter to a row that is put in by hand.
          const values = `1000000, ${mark(1)}, 'STARTED', ${mark(2)}`;
          const into = "celery_taskmeta (id, task_id, status, result)";
          await database.ask(`INSERT INTO ${into} VALUES (${values})`, [taskId, Buffer.from(text)]);
        },
        loseChordSize: async (groupId) => {
          await database.ask(`UPDATE celeriac_chord SET size = NULL WHERE group_id = ${mark(1)}`, [
            Buffer.from(groupId),
          ]);
        },
        ...(database.proxy === undefined ? {} : { stall: async () => database.proxy?.stall() }),
        cleanup: async () => {
          database.proxy?.resume();
          await Promise.all(opened.map((backend) => backend[Symbol.asyncDispose]()));
        },
      };
    }

    for (const one of backendContract(create)) {
      it(one.name, { timeout: one.timeoutMs }, async ({ skip }) => {
        const outcome = await one.run();
        if (outcome.status === "skipped") skip(outcome.reason);
      });
    }
  });
});
