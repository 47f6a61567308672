import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";

const withBuffer = await import("./bytes.js");
vi.stubGlobal("Buffer", undefined);
vi.resetModules();
const withoutBuffer = await import("./bytes.js");
vi.unstubAllGlobals();

afterEach(() => vi.unstubAllGlobals());

describe.each([
  ["with Buffer", withBuffer],
  ["without Buffer", withoutBuffer],
])("bytes %s", (_name, { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 }) => {
  it("keeps any bytes through base64", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
        expect(Array.from(decodeBase64(encodeBase64(bytes)) ?? [])).toEqual(Array.from(bytes));
      }),
    );
  });

  it("reads only strict base64", () => {
    const letter = fc.constantFrom(..."AZaz09+/=-_ \n\u0100\u0141é");
    fc.assert(
      fc.property(
        fc.array(letter, { maxLength: 12 }).map((letters) => letters.join("")),
        (text) => {
          const isStrict = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
          expect(decodeBase64(text) !== undefined, text).toBe(isStrict);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("reads only valid UTF-8 and keeps a byte order mark and U+FFFD", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => decodeUtf8(encodeUtf8(text)) === text));
    expect(decodeUtf8(new Uint8Array([0xff]))).toBeUndefined();
    expect(decodeUtf8(new Uint8Array([0xed, 0xa0, 0x80]))).toBeUndefined();
    expect(decodeUtf8(encodeUtf8("\ufeff\ufffd"))).toBe("\ufeff\ufffd");
    expect(decodeUtf8(new Uint8Array([65, 66, 67]).subarray(1))).toBe("BC");
  });
});
