import { deflateSync } from "node:zlib";
import { DecodeError } from "@celeriac/core/errors";
import { createResultCompression, type ResultRecord } from "@celeriac/core/protocol";
import fc from "fast-check";
import { BSON } from "mongodb";
import { describe, expect, it } from "vitest";
import { decodeGroup } from "../groups/group-collection.js";
import { decodeDocument, encodeDocument } from "./result-document.js";

/** More of them for a night: CELERIAC_FUZZ_RUNS=1000000. */
const RUNS = Number(process.env.CELERIAC_FUZZ_RUNS ?? 5_000);
const PLAIN = { maxBytes: 1_000, compression: createResultCompression(), compressesGroups: false };
const JSON_FORM = { form: "json", ...PLAIN } as const;
const BSON_FORM = { form: "bson", ...PLAIN } as const;
const OWN = { rev: "r1", at: new Date(0) };
const READ = { promoteBuffers: false, bsonRegExp: true } as const;

const RECORD: ResultRecord = {
  taskId: "task",
  status: "SUCCESS",
  result: "5",
  traceback: null,
  children: [],
  dateDoneMs: 1_000,
};

/** Values that stand in documents of other people: anything that BSON has. */
const anything = fc.oneof(
  fc.anything({ withDate: true, withBigInt: false, withTypedArray: false, maxDepth: 3 }).filter(isSerializable),
  fc.constantFrom<unknown>(
    ...["SUCCESS", "5", "{", '{"__type__":"uuid","__value__":1}', "NaN", "[[[", "\ufeff1", "", "1e999"],
    ...[new BSON.Binary(new Uint8Array([0x80, 5])), new BSON.MaxKey(), new BSON.Long(1, 2), new Date(Number.NaN)],
    ...[BSON.Decimal128.fromString("NaN"), new BSON.UUID(), new BSON.BSONRegExp("("), [["x", null], null]],
    ...[[[["x", null], null]], [[["x", [["y", null], 5]], null]], { rev: 1, children: "{", extra: "[" }],
  ),
);

function isSerializable(value: unknown): boolean {
  try {
    BSON.serialize({ value });
    return true;
  } catch {
    return false;
  }
}

const document = fc.dictionary(
  fc.constantFrom(
    ...["_id", "status", "result", "traceback", "children", "date_done", "group_id", "parent_id", "celeriac"],
    ...["args", "kwargs", "stamped_headers", "__proto__", "constructor", "toString", "task_id"],
  ),
  anything,
  { noNullPrototype: true, maxKeys: 12 },
);

describe("documents of results", () => {
  it("whatever stands in a document, reading it gives a result or a DecodeError", { timeout: 20_000 + RUNS }, () => {
    fc.assert(
      fc.property(document, fc.constantFrom(JSON_FORM, BSON_FORM), (fields, options) => {
        const stored = { _id: "task", ...BSON.deserialize(BSON.serialize(fields), READ) };
        for (const read of [() => decodeDocument(stored, options), () => decodeGroup("group", stored, options)]) {
          try {
            read();
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
      { numRuns: RUNS },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("fields that MongoDB cannot hold come back all the same", () => {
    const extended = {
      name: "t",
      args: [2n ** 70n],
      kwargs: { "a.b": { $c: 1 } },
      worker: "w",
      retries: 1,
      queue: "q",
    };
    const stamps = { "dotted.stamp": 1, plain: "x", _id: "no", celeriac: "no", result: "no" };
    const encoded = encodeDocument({ ...RECORD, extended, stamps }, OWN, JSON_FORM);
    expect(encoded).toMatchObject({ _id: "task", result: "5", args: null, kwargs: null, plain: "x", name: "t" });
    const { extra } = decodeDocument(BSON.deserialize(BSON.serialize(encoded), READ) as typeof encoded, JSON_FORM);
    expect(extra).toEqual({ ...extended, stamped_headers: ["dotted.stamp", "plain"], "dotted.stamp": 1, plain: "x" });
  });

  it("a result beyond the limit is refused by its bytes, not its characters", () => {
    const text = JSON.stringify("é".repeat(600));
    expect(() => encodeDocument({ ...RECORD, result: text }, OWN, JSON_FORM)).toThrow(
      /has 1202 bytes; the limit is 1000/,
    );
    expect(() => encodeDocument({ ...RECORD, result: JSON.stringify("e".repeat(600)) }, OWN, JSON_FORM)).not.toThrow();
  });

  it("what BSON cannot carry is an EncodeError there, and fine as text", () => {
    const record = { ...RECORD, result: '{"$a":18446744073709551616}' };
    expect(() => encodeDocument(record, OWN, BSON_FORM)).toThrow(expect.objectContaining({ code: "ENCODE_FAILED" }));
    expect(decodeDocument(encodeDocument(record, OWN, JSON_FORM), JSON_FORM).result).toEqual({ $a: 2n ** 64n });
  });

  it("values of a peer that writes BSON are read where text is expected", () => {
    const stored = { _id: "task", status: "SUCCESS", result: { a: [1] } };
    expect(decodeDocument(stored, JSON_FORM).result).toEqual({ a: [1] });
  });

  describe("with resultCompression", () => {
    const compressing = { ...JSON_FORM, compression: createResultCompression({ method: "zlib" }) };
    const text = JSON.stringify("all work and no play ".repeat(500));
    const roundTrip = (stored: typeof encoded): typeof encoded =>
      BSON.deserialize(BSON.serialize(stored), READ) as typeof encoded;
    const encoded = encodeDocument({ ...RECORD, result: text }, OWN, compressing);

    it("a long result is binary, counted by its compressed bytes, and read in every form", () => {
      expect(encoded.result).toBeInstanceOf(Uint8Array);
      for (const reader of [compressing, JSON_FORM, BSON_FORM]) {
        expect(decodeDocument(roundTrip(encoded), reader).result).toBe(JSON.parse(text));
      }
    });

    it("what is short, and what a chord may need, stays text", () => {
      const longer = { ...compressing, maxBytes: 100_000 };
      expect(encodeDocument({ ...RECORD, result: '"short"' }, OWN, compressing).result).toBe('"short"');
      expect(encodeDocument({ ...RECORD, result: text, groupId: "g" }, OWN, longer).result).toBe(text);
      const counting = { ...compressing, compressesGroups: true };
      expect(encodeDocument({ ...RECORD, result: text, groupId: "g" }, OWN, counting).result).not.toBe(text);
    });

    it("a bomb is a DecodeError", () => {
      const bomb = Buffer.concat([Buffer.from("~celeriac;zlib;\n"), deflateSync(new Uint8Array(65 * 1_048_576))]);
      expect(() => decodeDocument({ _id: "t", status: "SUCCESS", result: bomb }, JSON_FORM)).toThrow(
        expect.objectContaining({ code: "E_RESULT", message: expect.stringContaining("beyond the cap") }),
      );
    });
  });
});
