import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pythonRepr, pythonTupleRepr } from "./python-repr.js";
import { DateTime, Decimal, PlainDate, PlainTime, Uuid } from "./typed-values.js";

describe("pythonRepr", () => {
  const shown: readonly (readonly [unknown, string])[] = [
    [null, "None"],
    [undefined, "None"],
    [true, "True"],
    [1, "1"],
    [-0, "0"],
    [1.5, "1.5"],
    [1e-7, "1e-07"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1.25e-10, "1.25e-10"],
    [2 ** 53, "9007199254740992.0"],
    [1e16, "1e+16"],
    [1e300, "1e+300"],
    [Number.NaN, "nan"],
    [Number.NEGATIVE_INFINITY, "-inf"],
    [12345678901234567890n, "12345678901234567890"],
    ["it's", '"it\'s"'],
    ['it\'s "x"', "'it\\'s \"x\"'"],
    ["a\n\t\r\\\u0000\u001b\u007f\u0085", "'a\\n\\t\\r\\\\\\x00\\x1b\\x7f\\x85'"],
    ["é日😀", "'é日😀'"],
    ["\u00a0\u200e\u2028\ufeff\ud800", "'\\xa0\\u200e\\u2028\\ufeff\\ud800'"],
    [[], "[]"],
    [{}, "{}"],
    [{ a: 1, b: undefined }, "{'a': 1}"],
    [[["x", { k: [1.5] }]], "[['x', {'k': [...]}]]"],
    [[[[[1]]]], "[[[[...]]]]"],
    [[[[{}, []]]], "[[[{...}, [...]]]]"],
    [new Map([["a", 1]]), "{'a': 1}"],
    [new Set([1, "a"]), "{1, 'a'}"],
    [new Set(), "set()"],
    [new Uint8Array([99, 0, 0xc3, 0x27, 10]), 'b"c\\x00\\xc3\'\\n"'],
    [new Date(0), "datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)"],
    [new DateTime("2024-02-29T12:34:56.789012"), "datetime.datetime(2024, 2, 29, 12, 34, 56, 789012)"],
    [
      new DateTime("2024-02-29T12:34:56-02:00"),
      "datetime.datetime(2024, 2, 29, 12, 34, 56, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=79200)))",
    ],
    [new PlainDate("2024-02-09"), "datetime.date(2024, 2, 9)"],
    [new PlainTime("12:34:00.000001"), "datetime.time(12, 34, 0, 1)"],
    [new Decimal("3.140"), "Decimal('3.140')"],
    [new Uuid("00000000-0000-0000-1234-567890abcdef"), "UUID('00000000-0000-0000-1234-567890abcdef')"],
    [{ toJSON: () => [1] }, "[1]"],
  ];

  it.each(shown.map(([value, text]) => [text, value]))("shows %s", (text, value) => {
    expect(pythonRepr(value)).toBe(text);
  });

  it("shows tuples as Python writes them", () => {
    expect(pythonTupleRepr([])).toBe("()");
    expect(pythonTupleRepr(["a"])).toBe("('a',)");
    expect(pythonTupleRepr(["a", 1, null, true, { k: [1.5] }])).toBe("('a', 1, None, True, {'k': [1.5]})");
  });

  it("cuts cycles and shows the same object twice when it is none", () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(pythonRepr(cyclic)).toBe("[[...]]");
    const shared = [1];
    expect(pythonRepr([shared, shared])).toBe("[[1], [1]]");
  });

  it("stays near its length, with brackets closed", () => {
    const text = pythonTupleRepr([Array.from({ length: 10_000 }, (_, index) => index)]);
    expect(text.length).toBeLessThan(1_050);
    expect(text).toMatch(/^\(\[0, 1, 2, .*, \.\.\.\],\)$/);
    expect(pythonTupleRepr(["x".repeat(100_000)]).length).toBeLessThan(1_050);
    expect(pythonRepr({ a: new Uint8Array(100_000) }).length).toBeLessThan(4_300);
    expect(pythonRepr("abcdef", 3)).toBe("'abc...'");
  });

  it("never throws, takes bounded time and never lets a control character through", () => {
    const startedAt = performance.now();
    pythonRepr(Array.from({ length: 1000 }, () => "x".repeat(100_000)));
    pythonRepr(10n ** 200_000n);
    expect(performance.now() - startedAt).toBeLessThan(500);
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          expect(pythonRepr(value)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
        },
      ),
    );
    const hostile = {
      get x(): never {
        throw new Error("no");
      },
    };
    expect(pythonRepr(hostile)).toBe("<Unrepresentable: 'no'>");
  });
});
