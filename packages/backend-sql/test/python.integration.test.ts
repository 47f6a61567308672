import type { ResultBackend, ResultTuple } from "@celeriac/core/ports";
import { DateTime, Decimal, encodeJson, type ResultRecord, Uuid } from "@celeriac/core/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sqlBackend } from "../src/index.js";
import { hasSqlCelery, SqlPeer } from "./peers/sql-peer.js";
import { createTestDatabase, SERVERS, type TestDatabase } from "./servers/sql-server.js";

const FAILURE = { exc_type: "KeyError", exc_message: ["no such", 7], exc_module: "builtins" };

function recordOf(taskId: string, value: unknown, changes: Partial<ResultRecord> = {}): ResultRecord {
  const base = {
    taskId,
    status: "SUCCESS",
    traceback: null,
    children: [],
    dateDoneMs: Date.UTC(2026, 1, 2, 3, 4, 5, 678),
  };
  return { ...base, result: encodeJson(value), ...changes };
}

describe.each(SERVERS)("Celery 5.6 on the same $title", (server) => {
  describe.skipIf(server.url === undefined || !hasSqlCelery).each(["Python", "we"])("whose tables %s made", (maker) => {
    let database: TestDatabase;
    let peer: SqlPeer;
    let backend: ResultBackend;

    beforeAll(async () => {
      database = await createTestDatabase(server);
      peer = new SqlPeer(database.directUrl);
      backend = sqlBackend(database.directUrl);
      if (maker === "Python") await peer.ask({ do: "fetch", id: "makes the tables" });
      await backend.fetch("makes the tables");
    });
    afterAll(async () => {
      await backend[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
      await database.drop();
    });

    it.each([
      ["five", 5],
      ["none", null],
      ["nested", { a: [1, 2.5, "x", null, true], é: "☃" }],
      ["big", 2n ** 70n],
      ["tuple", [1, [2, 3]]],
      ["bytes", new Uint8Array([0, 255])],
      ["datetime", new DateTime("2026-11-20T01:02:03.456789+00:00")],
      ["decimal", new Decimal("1.50")],
      ["uuid", new Uuid("12345678-1234-5678-1234-567812345678")],
    ])("we read Python's %s", async (value, expected) => {
      await peer.ask({ do: "store", id: `py-${value}`, state: "SUCCESS", value });
      const meta = await backend.fetch(`py-${value}`);
      expect(encodeJson(meta?.result)).toBe(encodeJson(expected));
      expect(meta).toMatchObject({ status: "SUCCESS", traceback: null, children: null });
      expect(Math.abs((meta?.dateDoneMs ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(meta?.extra).toEqual({
        ...{ name: "tasks.add", args: [1, "x"], kwargs: { k: 2 }, worker: "py@host", retries: 1, queue: "celery" },
      });
    });

    it("we read Python's errors as data", async () => {
      await peer.ask({ do: "store", id: "py-error", state: "FAILURE", value: "error" });
      expect(await backend.fetch("py-error")).toMatchObject({
        ...{ status: "FAILURE", traceback: "tb" },
        result: { exc_type: "ValueError", exc_message: ["boom", 3], exc_module: "builtins" },
      });
    });

    it("we refuse a pickle that names a function, and say which", async () => {
      await peer.ask({ do: "store", id: "py-lambda", state: "SUCCESS", value: "lambda" });
      await expect(backend.fetch("py-lambda")).rejects.toMatchObject({
        ...{ code: "E_RESULT", message: expect.stringMatching(/builtins\.print/) },
        cause: { code: "PICKLE_REFUSED", global: "builtins.print", opcode: expect.any(String) },
      });
    });

    it("Python reads our results", async () => {
      const values: readonly (readonly [string, unknown, string])[] = [
        ["int", 5, "5"],
        ["null", null, "None"],
        ["nested", { a: [1, 2.5, null, true] }, "{'a': [1, 2.5, None, True]}"],
        ["big", 2n ** 70n, "1180591620717411303424"],
        ["bytes", new Uint8Array([0, 255]), "b'\\x00\\xff'"],
        ["decimal", new Decimal("1.50"), "Decimal('1.50')"],
        ["uuid", new Uuid("12345678-1234-5678-1234-567812345678"), "UUID('12345678-1234-5678-1234-567812345678')"],
        ["text", "☃ 😀 \n\"'", "'☃ 😀 \\n\"\\''"],
      ];
      for (const [name, value] of values) await backend.store(recordOf(`our-${name}`, value));
      for (const [name, , shown] of values) {
        expect(await peer.ask({ do: "get", id: `our-${name}` }), name).toEqual({ value: shown });
      }
    });

    it("Python raises our failures, and reads their extended fields", async () => {
      const extended = { name: "t.x", args: [1], kwargs: { a: null }, worker: "w@h", retries: 2, queue: "q" };
      await backend.store(recordOf("our-failure", FAILURE, { status: "FAILURE", traceback: "tb", extended }));
      expect(await peer.ask({ do: "get", id: "our-failure" })).toEqual({ error: "KeyError('no such', 7)" });
      expect(await peer.ask({ do: "fetch", id: "our-failure" })).toMatchObject({
        ...{ state: "'FAILURE'", traceback: "'tb'", name: "'t.x'", args: "[1]", kwargs: "{'a': None}" },
        ...{ worker: "'w@h'", retries: "2", queue: "'q'" },
      });
    });

    it("what Python stores over a state of ours is read without what belonged to ours", async () => {
      const children: readonly ResultTuple[] = [[["child", null], null]];
      const started = { status: "STARTED", children, dateDoneMs: null, groupId: "g" };
      await backend.store(recordOf("both", { pid: 1 }, started));
      expect(await backend.fetch("both")).toMatchObject({ children, groupId: "g", dateDoneMs: null });
      await peer.ask({ do: "store", id: "both", state: "SUCCESS", value: "five" });
      const meta = await backend.fetch("both");
      expect(meta).toMatchObject({ status: "SUCCESS", result: 5, children: null });
      expect(meta).not.toHaveProperty("groupId");
    });

    it("a state of ours does not take Python's SUCCESS back", async () => {
      await peer.ask({ do: "store", id: "sticky", state: "SUCCESS", value: "five" });
      await backend.store(recordOf("sticky", FAILURE, { status: "FAILURE" }));
      expect(await peer.ask({ do: "get", id: "sticky" })).toEqual({ value: "5" });
    });

    it("groups are read both ways", async () => {
      await peer.ask({ do: "save_group", id: "py-group", members: ["a", "b"] });
      expect(await backend.groups.restore("py-group")).toEqual([
        ["py-group", null],
        [
          [["a", null], null],
          [["b", null], null],
        ],
      ]);
      const ours: ResultTuple = [
        ["our-group", [["parent", null], null]],
        [
          [["c", null], null],
          [["d", null], null],
        ],
      ];
      await backend.groups.save("our-group", ours);
      const found = await peer.ask({ do: "restore_group", id: "our-group" });
      expect(found).toEqual({ members: ["c", "d"], backend: "DatabaseBackend" });
      await backend.groups.delete("py-group");
      expect(await peer.ask({ do: "restore_group", id: "py-group" })).toEqual({ members: null });
    });

    it("a watcher hears of Python's results, which nobody announces", async () => {
      const heard: unknown[] = [];
      const first = new Promise<void>((resolve) => {
        backend.watcher
          .watch("py-watched", (meta) => {
            heard.push(meta.result);
            resolve();
          })
          .catch((error: unknown) => heard.push(error));
      });
      await peer.ask({ do: "store", id: "py-watched", state: "SUCCESS", value: "five" });
      await first;
      expect(heard).toEqual([5]);
    });
  });
});
