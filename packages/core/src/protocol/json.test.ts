import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DecodeError } from "../errors/index.js";
import { decodeJson, encodeJson } from "./json.js";
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "./typed-values.js";

const tagged = (type: string, value: unknown): string => JSON.stringify({ __type__: type, __value__: value });

describe("encodeJson", () => {
  it.each<[string, unknown, string]>([
    ["undefined itself", undefined, "null"],
    ["undefined members and items", { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ["the same beside a typed value", { a: undefined, b: [undefined, 1n] }, '{"b":[null,1]}'],
    ["an exact integer", 12345678901234567890n, "12345678901234567890"],
    ["a double beyond 2^53", 1e17, "100000000000000000.0"],
    ["a double in exponent form", 1e21, "1e+21"],
    ["a Map", new Map<string, unknown>([["a", [1n]]]), '{"a":[1]}'],
    ["an object with toJSON", { toJSON: () => ({ a: 1n }) }, '{"a":1}'],
    ["a URL", new URL("http://x/"), '"http://x/"'],
    [
      "a class instance",
      new (class {
        readonly a = 1;
      })(),
      '{"a":1}',
    ],
    ["a null prototype", Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [
      "a Date",
      new Date(Date.UTC(2024, 1, 29, 12, 34, 56, 789)),
      tagged("datetime", "2024-02-29T12:34:56.789000+00:00"),
    ],
    ["a Date on the second", new Date(0), tagged("datetime", "1970-01-01T00:00:00+00:00")],
    ["a PlainDate", new PlainDate("2024-02-29"), tagged("date", "2024-02-29")],
    ["a PlainTime", new PlainTime("12:34:56.789012"), tagged("time", "12:34:56.789012")],
    ["a Decimal", new Decimal("3.140"), tagged("decimal", "3.140")],
    [
      "a Uuid",
      new Uuid("00000000-0000-0000-1234-567890ABCDEF"),
      tagged("uuid", { hex: "00000000000000001234567890abcdef" }),
    ],
    ["text bytes", new TextEncoder().encode("café"), tagged("bytes", "café")],
    ["other bytes", new Uint8Array([0, 255, 254]), tagged("base64", "AP/+")],
    [
      "a key __type__ among others",
      { __type__: "x", __value__: 1, more: 1 },
      '{"__type__":"x","__value__":1,"more":1}',
    ],
    ["lone surrogates", "\ud800", '"\\ud800"'],
  ])("writes %s", (_name, value, text) => {
    expect(encodeJson(value)).toBe(text);
    JSON.parse(encodeJson(value));
  });

  const cyclic: Record<string, unknown> = { a: {} };
  cyclic.a = [cyclic];
  let deep: unknown = 1;
  for (let level = 0; level < 201; level += 1) deep = [deep];

  it.each<[string, unknown, string]>([
    ["NaN", { args: [{ x: Number.NaN }] }, "args[0].x: NaN"],
    ["infinity", [Number.POSITIVE_INFINITY], "[0]: Infinity"],
    ["a function", { a: { b: () => 1 } }, "a.b: a function"],
    ["a symbol", [Symbol("x")], "[0]: a symbol"],
    ["a Set", { s: new Set() }, "s: a Set"],
    ["a Map with other keys", { m: new Map([[1, 2]]) }, "m: a Map key is number"],
    ["an Error", [new Error("x")], "[0]: an Error"],
    ["a promise", [Promise.resolve()], "[0]: a promise"],
    ["other binary views", [new Float64Array(1)], "[0]: bytes are sent as a Uint8Array"],
    ["an invalid Date", { d: new Date(Number.NaN) }, "d: NaN ms"],
    ["a Date Python cannot hold", { d: new Date(8.64e15) }, "d: 8640000000000000 ms"],
    ["a cycle", cyclic, "a[0]: it refers back"],
    ["depth", deep, "nested deeper than 200"],
    [
      "a lookalike of a typed value",
      { "odd key": { __type__: 1, __value__: 2 } },
      '["odd key"]: its only keys are __type__',
    ],
    ["a lookalike after dropping", [{ __type__: 1, __value__: 2, x: undefined }], "[0]: its only keys"],
  ])("refuses %s and names the place", (_name, value, message) => {
    expect(() => encodeJson(value)).toThrow(message);
  });

  it("writes a shared object that is no cycle", () => {
    const shared = { n: 1n };
    expect(encodeJson([shared, shared])).toBe('[{"n":1},{"n":1}]');
  });

  it("writes one-way text for kombu before 5.3 and refuses bytes", () => {
    const value = [
      new Date(0),
      new DateTime("2024-01-01T00:00:00+02:00"),
      new PlainDate("2024-02-29"),
      new Decimal("1.0"),
    ];
    expect(encodeJson(value, { typed: "text" })).toBe(
      '["1970-01-01T00:00:00Z","2024-01-01T00:00:00+02:00","2024-02-29T00:00:00","1.0"]',
    );
    expect(() => encodeJson([new Uint8Array(1)], { typed: "text" })).toThrow("[0]: bytes have no form");
  });

  it("carries types an application adds", () => {
    class Money {
      readonly cents: number;
      constructor(cents: number) {
        this.cents = cents;
      }
    }
    const types = [
      {
        marker: "money",
        matches: (value: object) => value instanceof Money,
        encode: (value: object) => (value instanceof Money ? { cents: value.cents } : null),
        decode: (value: unknown) => new Money((value as Money).cents),
      },
    ];
    const text = encodeJson([new Money(5)], { types });
    expect(text).toBe('[{"__type__":"money","__value__":{"cents":5}}]');
    expect(decodeJson(text, { types })).toEqual([new Money(5)]);
    expect(() => decodeJson(text)).toThrow('the __type__ "money" is not known');
  });
});

describe("decodeJson", () => {
  it.each<[string, string, unknown]>([
    ["integers up to 2^53 as numbers", "9007199254740991", 9007199254740991],
    ["larger ones exactly", "[9007199254740993, -12345678901234567890]", [9007199254740993n, -12345678901234567890n]],
    [
      "long fractions as numbers",
      "[0.30000000000000004, 1.7976931348623157e308]",
      [0.30000000000000004, Number.MAX_VALUE],
    ],
    [
      "Python's special floats",
      "[NaN, Infinity, -Infinity]",
      [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    ],
    ["a byte order mark", '\ufeff{"a":1}', { a: 1 }],
    ["the last of duplicate keys", '{"a":1,"a":2,"b":12345678901234567890}', { a: 2, b: 12345678901234567890n }],
    ["digits inside strings", '{"card":"4111111111111111"}', { card: "4111111111111111" }],
    ["escapes next to exact integers", '["\\u00e9\\n\\"", 12345678901234567890]', ['é\n"', 12345678901234567890n]],
    ["empty containers", '[[], {}, "", 12345678901234567890]', [[], {}, "", 12345678901234567890n]],
    ["a tag written with escapes", '{"\\u005f_type__":"decimal","__value__":"1"}', new Decimal("1")],
    [
      "objects that only resemble a tag",
      '{"__type__":"date","__value__":"x","more":1}',
      { __type__: "date", __value__: "x", more: 1 },
    ],
  ])("reads %s", (_name, text, value) => {
    expect(decodeJson(text)).toEqual(value);
  });

  it("reads typed values at any depth", () => {
    const text = `{"a":[${tagged("datetime", "2024-02-29T12:34:56.789012+02:00")},{"b":${tagged("bytes", "é")}}]}`;
    const { a } = decodeJson(text) as { a: [DateTime, { b: Uint8Array }] };
    expect(a[0]).toBeInstanceOf(DateTime);
    expect(a[0].toISOString()).toBe("2024-02-29T10:34:56.789Z");
    expect(a[0].microsecond).toBe(789012);
    expect(a[1].b).toEqual(new Uint8Array([0xc3, 0xa9]));
    expect(JSON.parse(encodeJson(decodeJson(text)))).toEqual(JSON.parse(text));
  });

  it.each<[string, string, string]>([
    ["nothing", "", "E_BODY"],
    ["broken text", "{not json", "E_BODY"],
    ["a leading zero", "[01]", "E_BODY"],
    ["a trailing comma", "[1,]", "E_BODY"],
    ["a second value", "1 2", "E_BODY"],
    ["a raw control character", '["\u0001"]', "E_BODY"],
    ["an unknown escape beside an exact integer", '["\\x", 12345678901234567890]', "E_BODY"],
    ["depth 201", `${"[".repeat(201)}${"]".repeat(201)}`, "E_BODY"],
    ["depth hidden by brackets in strings", `${'["]",'.repeat(201)}1${"]".repeat(201)}`, "E_BODY"],
    ["depth hidden by escaped quotes", `${'["\\"]]]",'.repeat(201)}1${"]".repeat(201)}`, "E_BODY"],
    ["depth 100,000 never closed", "[".repeat(100_000), "E_BODY"],
    ["an integer too long for Python", "9".repeat(4301), "E_NUMBER"],
    ["an unknown tag", tagged("martian", 1), "E_BODY"],
    ["a tag that is no text", tagged("x", 1).replace('"x"', "[1]"), "E_BODY"],
    ["a tag named like a member of Object", tagged("constructor", 1), "E_BODY"],
    ["a bad date", tagged("date", "2023-02-29"), "E_BODY"],
    ["a bad datetime", tagged("datetime", "yesterday"), "E_BODY"],
    ["a bad time", tagged("time", "25:00"), "E_BODY"],
    ["a bad decimal", tagged("decimal", "1,5"), "E_BODY"],
    ["a bad uuid", tagged("uuid", { hex: "12" }), "E_BODY"],
    ["bad base64", tagged("base64", "A-=="), "E_BODY"],
    ["bytes that are no text", tagged("bytes", 1), "E_BODY"],
  ])("refuses %s", (_name, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it("allows depth 200, also where the brackets are counted", () => {
    expect(codeOf(`${"[".repeat(200)}${"]".repeat(200)}`)).toBe("ok");
    expect(codeOf(`[${"[],".repeat(500)}[]]`)).toBe("ok");
  });

  it("keeps hostile keys as own data", () => {
    for (const big of ["1", "12345678901234567890"]) {
      const value = decodeJson(`{"__proto__":{"polluted":1},"constructor":{"prototype":2},"n":${big}}`) as object;
      expect(Object.keys(value)).toEqual(["__proto__", "constructor", "n"]);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(JSON.parse(encodeJson(value).replace(/12345678901234567890/, "1"))).toEqual(
        JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":2},"n":1}'),
      );
    }
    expect("polluted" in {}).toBe(false);
  });
});

describe("round trips", () => {
  const plain = fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const typed = fc.oneof(
    fc.date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59Z"), noInvalidDate: true }),
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.uuid().map((text) => new Uuid(text)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => new Decimal(String(number))),
    fc.bigInt().filter((value) => value > 2n ** 53n || value < -(2n ** 53n)),
  );
  const key = fc.oneof(
    fc.string(),
    fc.constantFrom("__proto__", "constructor", "toString", "__type__", "hasOwnProperty"),
  );
  const tree = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      plain,
      typed,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((entries): unknown => Object.fromEntries(entries)),
    ),
  })).value;

  it("keeps any JSON value, as the native decoder reads it", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const text = encodeJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(decodeJson(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("keeps typed values, exact integers and hostile keys", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(encodeJson(decodeJson(encodeJson(value)))).toBe(encodeJson(value));
      }),
    );
  });

  it("the exact parser agrees with the native one", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const text = JSON.stringify([value, 0]);
        // A long integer at the end sends the whole text through the exact parser.
        const [read] = decodeJson(text.replace(/0]$/, "12345678901234567890]")) as [unknown];
        expect(read).toEqual((decodeJson(text) as [unknown])[0]);
      }),
    );
  });

  it("throws nothing but DecodeError on any text", () => {
    const fragment = fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      '"',
      "\\",
      '"__type__"',
      '"__value__"',
      "1e",
      "-",
      "NaN",
      "0",
    );
    const noise = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(fragment, fc.string({ maxLength: 3 })), { maxLength: 30 }).map((parts) => parts.join("")),
    );
    fc.assert(fc.property(noise, (text) => ["ok", "E_BODY", "E_NUMBER"].includes(codeOf(text))));
  });
});

function codeOf(text: string): string {
  try {
    decodeJson(text);
    return "ok";
  } catch (error) {
    return (error as DecodeError).code;
  }
}
