import type { ResultTuple } from "@celeriac/core/ports";
import { encodeJson, type ResultRecord } from "@celeriac/core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldWrites } from "./fold-writes.js";
import type { ResultColumnOptions } from "./result-column.js";
import { decodeRow, encodeRow } from "./result-row.js";

const NOW = { epochMs: Date.UTC(2026, 0, 1), micros: 5 };
const PICKLE: ResultColumnOptions = { form: "pickle", maxBytes: 1_000_000 };
const JSON_TEXT: ResultColumnOptions = { form: "json", maxBytes: 1_000_000 };

function recordOf(changes: Partial<ResultRecord> = {}): ResultRecord {
  const base = {
    taskId: "t",
    status: "SUCCESS",
    result: "5",
    traceback: null,
    children: [],
    dateDoneMs: 1_700_000_000_123,
  };
  return { ...base, ...changes };
}

describe("rows", () => {
  it("any result comes back, in either form", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const record = recordOf({ result: encodeJson(value) });
        for (const form of [PICKLE, JSON_TEXT]) {
          const meta = decodeRow(encodeRow(record, NOW, form), form);
          expect(encodeJson(meta?.result)).toBe(record.result);
        }
      }),
    );
  });

  it("everything of a record comes back", () => {
    const children: readonly ResultTuple[] = [[["c", [["p", null], null]], null]];
    const extended = { name: "n", args: [1], kwargs: { a: 2 }, worker: "w", retries: 3, queue: "q" };
    const record = recordOf({ children, extended, groupId: "g", parentId: "p", stamps: { s: "x" }, traceback: "tb" });
    expect(decodeRow(encodeRow(record, NOW, PICKLE), PICKLE)).toEqual({
      ...{ taskId: "t", status: "SUCCESS", result: 5, traceback: "tb", children, dateDoneMs: 1_700_000_000_123 },
      ...{ groupId: "g", parentId: "p", extra: { ...extended, s: "x", stamped_headers: ["s"] } },
    });
  });

  it("a state that is not ready is dated when it was stored, and its reader is not told", () => {
    const row = encodeRow(recordOf({ status: "STARTED", dateDoneMs: null }), NOW, PICKLE);
    expect(row.date_done).toBe("2026-01-01 00:00:00.000005");
    expect(decodeRow(row, PICKLE)?.dateDoneMs).toBeNull();
  });

  it("what belongs to a state that another has overwritten is left out", () => {
    const row = encodeRow(recordOf({ groupId: "g" }), NOW, PICKLE);
    expect(decodeRow({ ...row, date_done: "2023-11-14 22:13:20" }, PICKLE), "without fractions").toHaveProperty(
      "groupId",
    );
    expect(decodeRow({ ...row, date_done: "2023-11-14 22:14:20" }, PICKLE)).not.toHaveProperty("groupId");
    expect(decodeRow({ ...row, status: "FAILURE" }, PICKLE)).not.toHaveProperty("groupId");
    expect(decodeRow({ ...row, date_done: null }, PICKLE)).toMatchObject({ dateDoneMs: null, children: null });
  });

  it("a row of anything is read, is none, or is said to be unreadable", () => {
    const text = fc.option(fc.oneof(fc.string(), fc.json()), { nil: null });
    const bytes = fc.option(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((json) => Buffer.from(json)),
      ),
      { nil: null },
    );
    const row = fc.record({
      ...{ task_id: text, status: fc.oneof(text, fc.constant("FAILURE")), result: bytes, args: bytes, kwargs: bytes },
      ...{ date_done: fc.oneof(text, fc.constant("2023-11-14 22:13:20")), traceback: text, retries: text },
      celeriac_extra: text,
    });
    fc.assert(
      fc.property(row, fc.constantFrom(PICKLE, JSON_TEXT), (columns, form) => {
        try {
          decodeRow(columns, form);
        } catch (error) {
          expect(error).toMatchObject({ code: "E_RESULT" });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([null, "", "PENDING"])("a row with the state %j is none", (status) => {
    expect(decodeRow({ ...encodeRow(recordOf(), NOW, PICKLE), status }, PICKLE)).toBeUndefined();
  });

  it("arguments in another serializer are left out", () => {
    const row = { ...encodeRow(recordOf(), NOW, PICKLE), args: Buffer.from([0x93, 1, 2, 3]) };
    expect(decodeRow(row, PICKLE)?.extra).toEqual({});
  });

  it("null is stored as NULL", () => {
    const row = encodeRow(recordOf({ result: "null" }), NOW, PICKLE);
    expect(row.result).toBeNull();
    expect(decodeRow(row, PICKLE)?.result).toBeNull();
  });

  it("a result that is nested too deep to be read again is not written", () => {
    const result = `${"[".repeat(600)}${"]".repeat(600)}`;
    expect(() => encodeRow(recordOf({ result }), NOW, PICKLE)).toThrow();
  });
});

describe("several stores for one task", () => {
  const row = (taskId: string, status: string): { readonly task_id: string; readonly status: string } => ({
    task_id: taskId,
    status,
  });

  it("leave the last one, or the first SUCCESS", () => {
    const rows = [
      row("a", "STARTED"),
      row("b", "SUCCESS"),
      row("a", "RETRY"),
      row("b", "FAILURE"),
      row("a", "FAILURE"),
    ];
    expect(foldWrites(rows)).toEqual([row("a", "FAILURE"), row("b", "SUCCESS")]);
  });
});
