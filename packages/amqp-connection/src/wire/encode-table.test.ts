import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toFieldTable } from "./encode-table.js";

describe("toFieldTable", () => {
  it("passes on what amqplib writes as it is", () => {
    const headers = { text: "a", yes: true, none: null, int: 7, list: [1, "b", null], nested: { a: {} } };
    expect(toFieldTable(headers)).toEqual(headers);
  });

  it("leaves out members without value, but keeps the places of a list", () => {
    expect(toFieldTable({ a: undefined, list: [undefined, 1] })).toEqual({ list: [null, 1] });
  });

  it("says the type of a number that amqplib would take for an integer", () => {
    const odd = { nan: Number.NaN, half: 0.5, huge: -1e300, minusZero: -0, big: 2n ** 62n };
    expect(toFieldTable(odd)).toEqual({
      nan: { "!": "double", value: Number.NaN },
      half: { "!": "double", value: 0.5 },
      huge: { "!": "double", value: -1e300 },
      minusZero: { "!": "double", value: -0 },
      big: { "!": "long", value: 2n ** 62n },
    });
  });

  it("does not let data speak amqplib's own notation", () => {
    expect(toFieldTable({ trap: { "!": "timestamp", value: 1 } })).toEqual({
      trap: { "!": "object", value: { "!": "timestamp", value: 1 } },
    });
  });

  it("writes bytes, times and what has a JSON form", () => {
    const value = { bytes: new Uint8Array([1]), at: new Date(5_999), typed: { toJSON: () => ({ a: 1 }) } };
    expect(toFieldTable(value)).toEqual({
      bytes: Buffer.from([1]),
      at: { "!": "timestamp", value: 5 },
      typed: { a: 1 },
    });
  });

  it.each([
    ["a function", { f: () => undefined }, /"f" is a function/],
    ["a symbol in a list", { l: [Symbol("s")] }, /"l" "0" is a symbol/],
    ["an integer beyond 64 bits", { n: 2n ** 63n }, /beyond 64 bits/],
    ["a name that is too long", { ["x".repeat(256)]: 1 }, /over 255 bytes/],
  ])("refuses %s, naming it", (_name, table, message) => {
    expect(() => toFieldTable(table)).toThrow(message);
  });

  it("refuses a table that contains itself", () => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(() => toFieldTable(loop)).toThrow(/nests deeper/);
  });

  it("never changes what it is given", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value);
        toFieldTable({ value });
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });
});
