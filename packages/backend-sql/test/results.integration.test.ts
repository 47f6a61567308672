import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { callCleanup } from "../../testkit/test/worker-on-backend.js";
import { Backends, FAILURE, mark, recordOf } from "./sample.js";
import { createCountingSource } from "./servers/counting-source.js";
import { createTestDatabase, SERVERS, type TestDatabase } from "./servers/sql-server.js";

const REFUSED = { code: "BACKEND_REFUSED", retryable: false };

describe.each(SERVERS)("results in $title", (server) => {
  describe.skipIf(server.url === undefined)("as rows", () => {
    let database: TestDatabase;
    const backends = new Backends();

    beforeAll(async () => {
      database = await createTestDatabase(server);
    });
    afterEach(() => backends[Symbol.asyncDispose]());
    afterAll(() => database.drop());

    const rowOf = async (taskId: string): Promise<Readonly<Record<string, unknown>>> => {
      const rows = await database.ask(`SELECT * FROM celery_taskmeta WHERE task_id = ${mark(database, 1)}`, [taskId]);
      return rows[0] ?? {};
    };

    it("a row has a pickle, a naive UTC date, and text in the columns of result_extended", async () => {
      const extended = { name: "t".repeat(200), args: [1], kwargs: {}, worker: "w@h", retries: 2, queue: "q" };
      await backends.open(database.url).store(recordOf("row", "SUCCESS", 5, { extended }));
      const row = await rowOf("row");
      const bytes = row.result instanceof ArrayBuffer ? new Uint8Array(row.result) : row.result;
      expect(Buffer.from(bytes as Uint8Array).toString("hex")).toMatch(/^8004.*4b052e$/);
      expect(row).toMatchObject({ status: "SUCCESS", worker: "w@h", retries: 2, queue: "q", name: "t".repeat(155) });
      const text = { postgres: "date_done::text", mysql: "CAST(date_done AS CHAR)", sqlite: "date_done" }[
        database.dialect
      ];
      const [date] = await database.ask(`SELECT ${text} AS date FROM celery_taskmeta WHERE task_id = 'row'`);
      expect(date?.date).toMatch(/^2026-02-02 03:04:05\.678/);
    });

    it("in JSON mode a row has text, which every mode reads", async () => {
      await backends.open(database.url, { resultColumn: "json" }).store(recordOf("json", "SUCCESS", { a: "☃" }));
      await backends.open(database.url).store(recordOf("pickle", "SUCCESS", { a: "☃" }));
      const reader = backends.open(database.url, { resultColumn: "json" });
      for (const id of ["json", "pickle"]) expect((await reader.fetch(id))?.result).toEqual({ a: "☃" });
      const { result } = await rowOf("json");
      const bytes = result instanceof ArrayBuffer ? new Uint8Array(result) : (result as Uint8Array);
      expect(Buffer.from(bytes).toString()).toBe('{"a":"☃"}');
    });

    it("all stores of a tick are one statement, and all fetches", async () => {
      const { source, statements } = await createCountingSource(database.url);
      const backend = backends.open(source);
      await backend.fetch("opens");
      statements.length = 0;
      const ids = Array.from({ length: 50 }, (_, index) => `tick ${index}`);
      await Promise.all(ids.map((id, index) => backend.store(recordOf(id, "SUCCESS", index))));
      const metas = await Promise.all(ids.map((id) => backend.fetch(id)));
      expect(statements.map((sql) => sql.slice(0, 40))).toHaveLength(2);
      expect(metas.map((meta) => meta?.result)).toEqual(ids.map((_, index) => index));
      await backends[Symbol.asyncDispose]();
      expect(source.isInitialized, "the caller's DataSource stays open").toBe(true);
      await source.destroy();
    });

    it("one record that does not fit does not take the others of its tick down", async () => {
      const backend = backends.open(database.url);
      const outcomes = await Promise.allSettled([
        backend.store(recordOf("fits")),
        backend.store(recordOf("x".repeat(1000))),
        backend.store(recordOf("state", "S".repeat(60))),
        backend.store(recordOf("number", "SUCCESS", 5, { extended: { ...EXTENDED, retries: 2 ** 40 } })),
        backend.store(recordOf("fits too")),
      ]);
      const refused = database.dialect === "sqlite" ? "fulfilled" : "rejected"; // SQLite has no small integers
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", refused, "fulfilled"]);
      expect((await backend.fetch("fits too"))?.status).toBe("SUCCESS");
    });

    it.each([
      "$",
      'it\'s "quoted"',
      "a/b/../c",
      "back\\slash",
      "naïve ☃ 😀",
      "new\nline",
      "__proto__",
      "x".repeat(155),
      "U",
      "u",
      "u ",
    ])("the odd id %j is kept apart", async (id) => {
      const backend = backends.open(database.url);
      await backend.store(recordOf(id, "SUCCESS", id));
      await backend.groups.save(id, [[id, null], []]);
      expect(await backend.fetch(id)).toMatchObject({ taskId: id, result: id });
      expect(await backend.groups.restore(id)).toEqual([[id, null], []]);
      await backend.forget(`${id} `.slice(0, 155));
      if (id.length < 155) expect((await backend.fetch(id))?.result).toBe(id);
    });

    it.each(["x".repeat(156), "x".repeat(1000), "nul\0", "half \ud800"])("the id %j is refused", async (id) => {
      const backend = backends.open(database.url);
      await expect(backend.store(recordOf(id))).rejects.toMatchObject(REFUSED);
      await expect(backend.fetch(id)).rejects.toMatchObject(REFUSED);
      await expect(backend.groups.save(id, [[id, null], []])).rejects.toMatchObject(REFUSED);
      await expect(backend.watcher.watch(id, () => undefined)).rejects.toMatchObject(REFUSED);
    });

    it("a traceback with NUL is kept, without it", async () => {
      const backend = backends.open(database.url);
      await backend.store(recordOf("nul", "FAILURE", FAILURE, { traceback: "a\0b" }));
      expect((await backend.fetch("nul"))?.traceback).toBe("a\u{fffd}b");
    });

    it("a result of 20 MB comes back whole, or is refused with the setting to change", async () => {
      const backend = backends.open(database.url);
      const value = "0123456789abcdef".repeat(1_310_720);
      const stored = backend.store(recordOf("large", "SUCCESS", value));
      if (database.dialect === "mysql")
        await expect(stored).rejects.toMatchObject({ ...REFUSED, message: /max_allowed_packet/ });
      else {
        await stored;
        expect((await backend.fetch("large"))?.result).toBe(value);
      }
    });

    it("a result longer than maxResultBytes is refused before it is sent", async () => {
      const backend = backends.open(database.url, { maxResultBytes: 1000 });
      await expect(backend.store(recordOf("long", "SUCCESS", "x".repeat(1000)))).rejects.toMatchObject(REFUSED);
      expect(await backend.fetch("long")).toBeUndefined();
    });

    it("cleaning up removes what is older, also what never ended, and says how much", async () => {
      const backend = backends.open(database.url);
      await database.ask("DELETE FROM celery_taskmeta");
      await database.ask("DELETE FROM celery_tasksetmeta");
      await backend.store(recordOf("old"));
      await backend.store(recordOf("abandoned", "STARTED"));
      await backend.store(recordOf("new", "SUCCESS", 5, { dateDoneMs: Date.now() + 3_600_000 }));
      await backend.groups.save("group", [["group", null], []]);
      expect(await backend.cleanup?.(86_400_000)).toBe(1);
      expect(await backend.cleanup?.(-1_000)).toBe(2);
      expect(await backend.fetch("new")).toMatchObject({ status: "SUCCESS" });
      expect(await backend.groups.restore("group")).toBeUndefined();
    });

    it("celery.backend_cleanup removes what is older than result_expires, unless that is for ever", async () => {
      const backend = backends.open(database.url);
      await backend.store(recordOf("ended long ago"));
      await backend.store(recordOf("ended now", "SUCCESS", 5, { dateDoneMs: Date.now() }));
      await callCleanup(backend, null);
      expect((await backend.fetch("ended long ago"))?.status).toBe("SUCCESS");
      await callCleanup(backend, 60);
      expect(await backend.fetch("ended long ago")).toBeUndefined();
      expect((await backend.fetch("ended now"))?.status).toBe("SUCCESS");
    });

    it.each(["pickle", "json"] as const)(
      "with resultCompression, a long result is a small %s",
      async (resultColumn) => {
        const value = { text: "all work and no play ".repeat(500) };
        const backend = backends.open(database.url, { resultColumn, resultCompression: "zlib" });
        await backend.store(recordOf(`long ${resultColumn}`, "SUCCESS", value));
        await backend.store(recordOf(`member ${resultColumn}`, "SUCCESS", value, { groupId: "g" }));
        const bytesOf = async (id: string): Promise<Buffer> => {
          const { result } = await rowOf(id);
          return Buffer.from(result instanceof ArrayBuffer ? new Uint8Array(result) : (result as Uint8Array));
        };
        expect((await bytesOf(`long ${resultColumn}`)).toString("latin1")).toMatch(/^~celeriac;zlib;SUCCESS\n/);
        expect((await bytesOf(`long ${resultColumn}`)).length).toBeLessThan(400);
        expect((await bytesOf(`member ${resultColumn}`))[0]).toBe(resultColumn === "pickle" ? 0x80 : 0x7b);
        expect((await backends.open(database.url, { resultColumn }).fetch(`long ${resultColumn}`))?.result).toEqual(
          value,
        );
      },
    );

    it("cleaning up removes chords of more than a day ago with their entries", async () => {
      const backend = backends.open(database.url, { nativeChords: true });
      const part = { taskId: "t", groupIndex: 0, status: "SUCCESS", result: "1", size: 2 } as const;
      await backend.chords?.addPart({ groupId: "old", ...part });
      await database.ask(`UPDATE celeriac_chord SET touched_at = ${Date.now() - 86_500_000}`);
      await backend.chords?.addPart({ groupId: "new", ...part });
      await backend.cleanup?.(1000);
      for (const table of ["celeriac_chord", "celeriac_chord_entry"]) {
        const rows = await database.ask(`SELECT group_id FROM ${table}`);
        expect(rows, table).toHaveLength(1);
      }
    });

    it("without the option there are no chords of ours", () => {
      expect(backends.open(database.url).chords).toBeUndefined();
    });
  });
});

const EXTENDED = { name: "t", args: [], kwargs: {}, worker: "w", retries: 0, queue: "q" };
