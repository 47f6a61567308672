import { encodeJson } from "@celeriac/core/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PickleError, readPickle, writePickle } from "../src/index.js";
import { jsonTree, pickleTree } from "./arbitrary.js";

describe("our reader on our writer", () => {
  it("gives every value back", () => {
    fc.assert(
      fc.property(pickleTree(), (value) => {
        expect(readPickle(writePickle(value))).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });

  it("gives values of JSON back to the last digit", () => {
    fc.assert(
      fc.property(jsonTree(), (value) => {
        expect(encodeJson(readPickle(writePickle(value)))).toBe(encodeJson(value));
      }),
      { numRuns: 300 },
    );
  });

  it("writes the same bytes again", () => {
    fc.assert(
      fc.property(pickleTree(), (value) => {
        const bytes = writePickle(value);
        expect(Buffer.from(writePickle(readPickle(bytes))).equals(bytes)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("refuses every beginning of a pickle", () => {
    fc.assert(
      fc.property(pickleTree(), (value) => {
        const bytes = writePickle(value);
        for (let length = 0; length < Math.min(bytes.length, 300); length += 1) {
          expect(() => readPickle(bytes.subarray(0, length))).toThrow(PickleError);
        }
      }),
      { numRuns: 20 },
    );
  });

  it("carries 20 MB of text and half a million values", () => {
    const text = "é".repeat(10 * 1_048_576);
    expect(readPickle(writePickle(text)) === text).toBe(true);
    const rows = Array.from({ length: 100_000 }, (_, index) => ({ id: index, name: `row ${index}`, price: index / 3 }));
    const back = readPickle(writePickle(rows));
    expect(JSON.stringify(back) === JSON.stringify(rows)).toBe(true);
  });
});
