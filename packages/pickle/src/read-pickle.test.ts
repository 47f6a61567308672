import type { DateTime } from "@celeriac/core/protocol";
import { describe, expect, it } from "vitest";
import { call, join, named, text, whole } from "../test/assemble.js";
import { readPickle } from "./read-pickle.js";

describe("readPickle", () => {
  it("keeps hostile keys as own members", () => {
    const value = readPickle(whole("}(", text("__proto__"), "}", text("polluted"), "\x88s", text("constructor"), "Nu"));
    expect(Object.keys(value as object)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect("polluted" in {}).toBe(false);
  });

  it("spells keys as Python's JSON does", () => {
    expect(Object.keys(readPickle(whole("}(K\x01NG?\xf8\0\0\0\0\0\0N\x89NNNu")) as object)).toEqual([
      "1",
      "1.5",
      "false",
      "null",
    ]);
  });

  it("gives a Map when two keys would be spelled alike", () => {
    expect(readPickle(whole("}(K\x01", text("a"), text("1"), text("b"), "u"))).toEqual(
      new Map<unknown, unknown>([
        [1, "a"],
        ["1", "b"],
      ]),
    );
  });

  it("lets the last of equal keys win", () => {
    expect(readPickle(whole("}(", text("k"), "K\x01", text("k"), "K\x02u"))).toEqual({ k: 2 });
  });

  it("builds what is referred to twice once", () => {
    const [first, second] = readPickle(whole("(]q\x00h\x00t")) as readonly unknown[];
    expect(first).toBe(second);
  });

  it("reads strings of Python 2 that are ASCII and refuses others", () => {
    expect(readPickle(join("(S'it\\'s \\x41\\n'\nU\x02okT\x01\0\0\0!t."))).toEqual(["it's A\n", "ok", "!"]);
    expect(() => readPickle(join("U\x01\xe9."))).toThrow(
      expect.objectContaining({ code: "PICKLE_REFUSED", opcode: "SHORT_BINSTRING" }),
    );
  });

  it("reads booleans and numbers of protocol 0", () => {
    expect(readPickle(join("(I01\nI00\nI-7\nL9007199254740993L\nF1.5\nFnan\nF-inf\nt."))).toEqual([
      true,
      false,
      -7,
      9007199254740993n,
      1.5,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it("leaves alone what follows the end, as Python does", () => {
    expect(readPickle(join("K\x05.cos\nsystem\n"))).toBe(5);
  });

  it("does not keep the input alive or change with it", () => {
    const bytes = whole("C\x02ab");
    const value = readPickle(bytes);
    bytes.fill(0);
    expect(value).toEqual(new TextEncoder().encode("ab"));
  });

  it("reads from the middle of a larger buffer", () => {
    expect(readPickle(Buffer.from("xxK\x05.xx", "latin1").subarray(2, 5))).toBe(5);
  });

  it("reads a zone whose offset has seconds", () => {
    const bytes = whole(
      call(
        named("datetime", "datetime"),
        "C\x0a\x07\x58\x01\x01\0\0\0\0\0\0",
        call(named("zoneinfo", "ZoneInfo"), text("Europe/Berlin")),
      ),
    );
    expect((readPickle(bytes) as DateTime).text).toBe("1880-01-01T00:00:00+00:53:28");
  });
});

describe("limits of readPickle", () => {
  const limit = expect.objectContaining({ code: "PICKLE_LIMIT" });

  it("holds each of them to the byte or level", () => {
    expect(readPickle(join("N."), { maxBytes: 2 })).toBe(null);
    expect(() => readPickle(join("N."), { maxBytes: 1 })).toThrow(limit);
    expect(readPickle(join("]]a."), { maxDepth: 2 })).toEqual([[]]);
    expect(() => readPickle(join("]]]aa."), { maxDepth: 2 })).toThrow(limit);
    expect(() => readPickle(join("]q\0]h\0a]h\0aa."), { maxDepth: 1 })).toThrow(limit);
    expect(() => readPickle(whole("X\x64\0\0\0", "x".repeat(100)), { maxMemoryBytes: 100 })).toThrow(limit);
    expect(() => readPickle(whole("X\x64\0\0\0", "x".repeat(100)), { maxExpandedBytes: 10 })).toThrow(limit);
  });

  it("counts depth through what is referred to twice", () => {
    // [[x]] first on its own, then one level further down.
    const bytes = join("(]]aq\0]h\0at.");
    expect(readPickle(bytes, { maxDepth: 4 })).toEqual([[[]], [[[]]]]);
    expect(() => readPickle(bytes, { maxDepth: 3 })).toThrow(limit);
  });

  it("reads as deep as it says with the largest depth", () => {
    expect(() => readPickle(join("]".repeat(500), "a".repeat(499), "."), { maxDepth: 500 })).not.toThrow();
  });

  it.each([{ maxDepth: 501 }, { maxDepth: 0 }, { maxBytes: 1.5 }, { maxMemoryBytes: Number.NaN }])(
    "refuses %j",
    (options) => {
      expect(() => readPickle(join("N."), options)).toThrow(RangeError);
    },
  );
});
