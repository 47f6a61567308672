import fc from "fast-check";
import { BSON } from "mongodb";
import { describe, expect, it } from "vitest";
import { fromBson, toBson } from "./bson-value.js";

const READ = { promoteBuffers: false, bsonRegExp: true } as const;

function thereAndBack(value: unknown): unknown {
  const written = toBson(value);
  if (written === undefined) return undefined;
  return fromBson(BSON.deserialize(BSON.serialize({ value: written.value }), READ).value);
}

describe("values in BSON", () => {
  it("come back as they went, or are not written", () => {
    const key = fc.string({ unit: "grapheme", minLength: 1 });
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.constant(null),
        fc.boolean(),
        fc.string({ unit: "binary" }),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
        fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).filter((n) => !Number.isSafeInteger(Number(n))),
        fc.uint8Array(),
        fc.date({ noInvalidDate: true }),
        fc.array(tie("tree")),
        fc.dictionary(key, tie("tree"), { noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        if (toBson(value) !== undefined) expect(thereAndBack(value)).toEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  it("whole numbers beyond 32 bits are whole for Python too", () => {
    expect(toBson([2 ** 40, -(2 ** 40), 5, 1.5])).toEqual({ value: [2n ** 40n, -(2n ** 40n), 5, 1.5] });
    expect(thereAndBack(2n ** 60n)).toBe(2n ** 60n);
  });

  it.each([[2n ** 63n], [{ $set: 1 }], [{ "a.b": 1 }], [{ "": 1 }], [{ "a\0": 1 }], ["\ud800"], [nested(100)]])(
    "case %# is not written",
    (value) => {
      expect(toBson(value)).toBeUndefined();
    },
  );

  it("the driver's own classes become plain data", () => {
    const { Long, Decimal128, Binary, ObjectId, UUID, Timestamp, MinKey, BSONRegExp, Double, Int32 } = BSON;
    const id = new ObjectId();
    const uuid = "12345678-1234-4234-8234-123456789abc";
    const plain = (value: unknown): unknown => fromBson(BSON.deserialize(BSON.serialize({ value }), READ).value);
    expect(plain(Long.fromNumber(7))).toBe(7);
    expect(String(plain(Decimal128.fromString("1.50")))).toBe("1.50");
    expect(plain(new Binary(new Uint8Array([1, 2])))).toEqual(new Uint8Array([1, 2]));
    expect(String(plain(new UUID(uuid)))).toBe(uuid);
    expect(plain(id)).toBe(id.toHexString());
    expect([plain(new Double(1.5)), plain(new Int32(3))]).toEqual([1.5, 3]);
    for (const odd of [new Timestamp({ t: 1, i: 2 }), new MinKey(), new BSONRegExp("a", "i"), new BSON.Code("x")]) {
      expect(typeof plain(odd)).toBe("string");
    }
  });

  it("a document that only looks like one of the driver's classes is a document", () => {
    expect(fromBson({ _bsontype: "Long", low: 1 })).toEqual({ _bsontype: "Long", low: 1 });
  });

  it("no field of a document reaches a prototype", () => {
    const value = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    const back = thereAndBack(value);
    expect(Object.keys(Object(back))).toEqual(["__proto__", "constructor"]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}
