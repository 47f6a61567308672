import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../errors/index.js";
import type { ResultTuple } from "../ports/result-backend.js";
import { decodeGroupMeta, decodeResultMeta, encodeGroupMeta, encodeResultMeta } from "./result-codec.js";
import type { ResultRecord } from "./result-meta.js";

const record: ResultRecord = {
  taskId: "a",
  status: "SUCCESS",
  result: '{"big":12345678901234567890}',
  traceback: null,
  children: [],
  dateDoneMs: Date.parse("2026-11-20T12:35:39.137Z"),
};

describe("encodeResultMeta", () => {
  it("writes Celery's document and splices the result in unchanged", () => {
    expect(encodeResultMeta(record)).toBe(
      '{"status":"SUCCESS","result":{"big":12345678901234567890},"traceback":null,"children":[],' +
        '"date_done":"2026-11-20T12:35:39.137000+00:00","task_id":"a"}',
    );
  });

  it("adds group, parent, extended fields and stamps, which cannot replace the document's own", () => {
    const text = encodeResultMeta({
      ...record,
      result: "1",
      status: "FAILURE",
      traceback: 'line "1"\n',
      children: null,
      dateDoneMs: null,
      groupId: "g",
      parentId: "p",
      extended: { name: "t", args: [1n], kwargs: {}, worker: "w", retries: 2, queue: "q" },
      stamps: { tenant: ["x"], status: "SUCCESS" },
    });
    expect(JSON.parse(text)).toEqual({
      status: "FAILURE",
      result: 1,
      traceback: 'line "1"\n',
      children: null,
      date_done: null,
      group_id: "g",
      parent_id: "p",
      name: "t",
      args: [1],
      kwargs: {},
      worker: "w",
      retries: 2,
      queue: "q",
      stamped_headers: ["tenant"],
      tenant: ["x"],
      task_id: "a",
    });
  });
});

describe("decodeResultMeta", () => {
  it("gives back what was encoded", () => {
    const { result: _text, ...rest } = record;
    expect(decodeResultMeta(encodeResultMeta(record))).toEqual({
      ...rest,
      result: { big: 12345678901234567890n },
      extra: {},
    });
  });

  it("is generous with what old and foreign workers leave out", () => {
    expect(decodeResultMeta('{"status":"WORKING"}', "a")).toEqual({
      taskId: "a",
      status: "WORKING",
      result: null,
      traceback: null,
      children: null,
      dateDoneMs: null,
      extra: {},
    });
    expect(
      decodeResultMeta('{"status":"SUCCESS","date_done":"2026-11-20T12:16:59.476206","task_id":"b"}', "a"),
    ).toMatchObject({
      taskId: "b",
      dateDoneMs: Date.parse("2026-11-20T12:16:59.476Z"),
    });
    expect(decodeResultMeta('{"status":"SUCCESS","date_done":"whenever","task_id":"b"}').dateDoneMs).toBeNull();
  });

  it.each([
    ["bad JSON", "{"],
    ["another shape", "[]"],
    ["no status", '{"task_id":"a"}'],
    ["a status that is no text", '{"status":1,"task_id":"a"}'],
    ["no id at all", '{"status":"SUCCESS"}'],
    ["children of another shape", '{"status":"SUCCESS","task_id":"a","children":[1]}'],
    ["a child without parent", '{"status":"SUCCESS","task_id":"a","children":[[["x"],null]]}'],
    ["an unknown typed value", '{"status":"SUCCESS","task_id":"a","result":{"__type__":"x","__value__":1}}'],
    ["endless children", `{"status":"SUCCESS","task_id":"a","children":${"[".repeat(50_000)}`],
  ])("refuses %s", (_name, text) => {
    expect(() => decodeResultMeta(text)).toThrow(expect.objectContaining({ code: "E_RESULT" }));
  });

  it("reads the tuple of a chain of 500 steps", () => {
    let tuple: ResultTuple = [["0", null], null];
    for (let step = 1; step < 500; step += 1) tuple = [[String(step), tuple], null];
    expect(decodeGroupMeta(encodeGroupMeta(tuple))).toEqual(tuple);
    const text = encodeResultMeta({ ...record, children: [tuple] });
    expect(decodeResultMeta(text).children).toEqual([tuple]);
  });

  it("throws nothing but DecodeError on any JSON", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.uint8Array()), (raw) => {
        for (const decode of [decodeResultMeta, decodeGroupMeta]) {
          try {
            decode(raw);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
    );
  });
});
