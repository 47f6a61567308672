import { deflateSync } from "node:zlib";
import type { ResultTuple } from "@celeriac/core/ports";
import { createResultCompression, encodeJson, type ResultRecord } from "@celeriac/core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
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

describe("with resultCompression", () => {
  const compression = createResultCompression({ method: "zlib" });
  const value = { text: "all work and no play ".repeat(500), when: 5 };
  const record = recordOf({ result: encodeJson(value) });

  it.each([PICKLE, JSON_TEXT])("a long result is small, and read by who does not compress ($form)", (form) => {
    const row = encodeRow(record, NOW, { ...form, compression });
    expect((row.result as Uint8Array).length).toBeLessThan(500);
    expect(decodeRow(row, form)?.result).toEqual(value);
    expect(decodeRow(row, { ...form, maxBytes: 100 })?.result).toEqual(value);
  });

  it("any result comes back, in either form", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(60), (piece, times) => {
        const many = recordOf({ result: encodeJson(Array.from({ length: times }, () => piece)) });
        for (const form of [PICKLE, JSON_TEXT]) {
          expect(encodeJson(decodeRow(encodeRow(many, NOW, { ...form, compression }), form)?.result)).toBe(many.result);
        }
      }),
    );
  });

  it("what is short, and what a chord may need, stays as Python reads it", () => {
    const member = recordOf({ ...record, groupId: "g" });
    const options = { ...PICKLE, compression };
    expect(encodeRow(recordOf(), NOW, options).result).toEqual(encodeRow(recordOf(), NOW, PICKLE).result);
    expect(encodeRow(member, NOW, options).result).toEqual(encodeRow(member, NOW, PICKLE).result);
    const counting = encodeRow(member, NOW, { ...options, compressesGroups: true });
    expect((counting.result as Uint8Array).length).toBeLessThan(500);
  });

  it("the limit counts what is stored, and a bomb is a DecodeError", () => {
    expect(() => encodeRow(record, NOW, { ...PICKLE, maxBytes: 1_000 })).toThrow(/maxResultBytes/);
    expect(() => encodeRow(record, NOW, { ...PICKLE, maxBytes: 1_000, compression })).not.toThrow();
    const bomb = Buffer.concat([Buffer.from("~celeriac;zlib;\n"), deflateSync(new Uint8Array(65 * 1_048_576))]);
    expect(() => decodeRow({ ...encodeRow(record, NOW, PICKLE), result: bomb }, PICKLE)).toThrow(
      expect.objectContaining({ code: "E_RESULT", message: expect.stringContaining("beyond the cap") }),
    );
  });
});
