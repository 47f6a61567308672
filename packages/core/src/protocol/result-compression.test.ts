import { brotliCompressSync, deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Compression } from "./compression.js";
import { COMPRESSED_RESULT_MARK, checkResultCompression, createResultCompression } from "./result-compression.js";

const LONG = `{"status":"SUCCESS","result":"${"all work and no play ".repeat(200)}"}`;
const megabyte = 1_048_576;
const plain = createResultCompression();

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const bytesOf = (text: string): Uint8Array => Buffer.from(text, "latin1");

/** Repeats a short piece, so that it is long and shrinks; or noise, which does not. */
const anyText = fc.oneof(
  fc
    .tuple(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 500 }))
    .map(([piece, times]) => piece.repeat(times)),
  fc.string({ unit: "grapheme", minLength: 0, maxLength: 3_000 }),
);

describe.each(["zlib", "gzip", "brotli"])("results compressed with %s", (method) => {
  const compression = createResultCompression({ method });

  it("come back as they were, as bytes and as text, whoever reads them", () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom("SUCCESS", "FAILURE", "a state\nof its own"), (text, status) => {
        const bytes = Buffer.from(text);
        for (const reader of [compression, plain]) {
          expect(Buffer.from(reader.decompress(compression.compress(bytes, status))).equals(bytes)).toBe(true);
          expect(reader.decompressText(compression.compressText(text, status))).toBe(text);
        }
      }),
    );
  });

  it("are smaller, never larger", () => {
    expect(compression.compressText(LONG, "SUCCESS").length).toBeLessThan(LONG.length / 10);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 900, maxLength: 5_000 }), (noise) => {
        expect(compression.compress(noise, "SUCCESS").length).toBeLessThanOrEqual(noise.length);
      }),
    );
  });
});

describe("a compressed result", () => {
  const compression = createResultCompression({ method: "zlib" });

  it("says how it is compressed, and whether it is final", () => {
    const headOf = (status: string): string => compression.compressText(LONG, status).split("\n", 1)[0] ?? "";
    expect(["SUCCESS", "FAILURE", "SUCCESS\n"].map(headOf)).toEqual([
      "~celeriac;zlib;SUCCESS",
      "~celeriac;zlib;",
      "~celeriac;zlib;",
    ]);
    expect(textOf(compression.compress(Buffer.from(LONG), "SUCCESS"))).toMatch(/^~celeriac;zlib;SUCCESS\nx/);
  });

  it("is not made of what is short, of what does not shrink, or of what could not be read again", () => {
    const short = '{"status":"SUCCESS","result":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}';
    expect(compression.compressText(short, "SUCCESS")).toBe(short);
    const capped = createResultCompression({ method: "zlib", maxBytes: 2_000 });
    expect(capped.compressText(LONG, "SUCCESS")).toBe(LONG);
    const bytes = Buffer.from(LONG);
    expect(capped.compress(bytes, "SUCCESS")).toBe(bytes);
  });

  it("is not written by a store that was not told to", () => {
    expect(plain.compressText(LONG, "SUCCESS")).toBe(LONG);
  });

  it.each([
    ["JSON", '{"status":"SUCCESS"}'],
    ["nothing", ""],
    ["a tilde", "~"],
    ["a pickle", "\x80\x04N."],
    ["half of a mark", COMPRESSED_RESULT_MARK.slice(0, -1)],
  ])("is not what begins otherwise: %s", (_name, text) => {
    expect(plain.decompressText(text)).toBe(text);
    expect(textOf(plain.decompress(bytesOf(text)))).toBe(text);
  });

  const bomb = deflateSync(new Uint8Array(80 * megabyte));
  it.each<readonly [string, Uint8Array, RegExp]>([
    ["a bomb", bomb, /beyond the cap of 67108864 bytes/],
    ["what is cut off", deflateSync(LONG).subarray(0, 20), /corrupt/],
    ["noise", Uint8Array.of(1, 2, 3), /corrupt/],
    ["nothing", new Uint8Array(), /corrupt/],
  ])("is refused with a typed error when it is %s", (_name, content, words) => {
    const header = "~celeriac;zlib;SUCCESS\n";
    const refusal = expect.objectContaining({ code: "E_RESULT", message: expect.stringMatching(words) });
    const before = process.memoryUsage().rss;
    expect(() => plain.decompress(Buffer.concat([Buffer.from(header), content]))).toThrow(refusal);
    expect(() => plain.decompressText(header + Buffer.from(content).toString("base64"))).toThrow(refusal);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * megabyte);
  });

  it("inflates no further than the cap that a store sets", () => {
    const content = Buffer.concat([Buffer.from("~celeriac;brotli;\n"), brotliCompressSync(new Uint8Array(1_001))]);
    expect(createResultCompression({ maxBytes: 1_001 }).decompress(content)).toHaveLength(1_001);
    expect(() => createResultCompression({ maxBytes: 1_000 }).decompress(content)).toThrow(
      "beyond the cap of 1000 bytes",
    );
  });

  it.each([
    ["~celeriac;", /header/],
    ["~celeriac;zlib;SUCCESS", /header/],
    ["~celeriac;zlib;MAYBE\nAAAA", /header/],
    ["~celeriac;zl\u0001ib;\nAAAA", /header/],
    ["~celeriac;lzma;\nAAAA", /compressed with "lzma".*pass it as resultCompression/],
    ["~celeriac;__proto__;\nAAAA", /compressed with "__proto__"/],
  ])("with a header of %j is refused", (text, words) => {
    const refusal = expect.objectContaining({ code: "E_RESULT", message: expect.stringMatching(words) });
    expect(() => plain.decompressText(text)).toThrow(refusal);
    expect(() => plain.decompress(bytesOf(text))).toThrow(refusal);
  });

  it("of anything at all is read, or refused with a typed error", () => {
    const piece = fc.constantFrom("~celeriac;", "zlib;", "SUCCESS", "\n", ";", "x\x9c", "AAAA", "é");
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 }))), (pieces) => {
        const text = pieces.join("");
        for (const read of [() => plain.decompressText(text), () => plain.decompress(Buffer.from(text))]) {
          try {
            read();
          } catch (error) {
            expect(error).toMatchObject({ code: "E_RESULT" });
          }
        }
      }),
    );
  });
});

describe("the option resultCompression", () => {
  const reversed: Compression = {
    ...{ name: "half", aliases: [], header: "application/x-half" },
    compress: (bytes) => bytes.filter((_byte, index) => index % 2 === 0),
    decompress: (bytes) => Uint8Array.from({ length: 2 * bytes.length }, (_, index) => bytes[index >> 1] ?? 0),
  };

  it("may be a compression of the caller's, which is then needed for reading", () => {
    const own = createResultCompression({ method: reversed });
    const text = "aabb".repeat(500);
    const stored = own.compressText(text, "SUCCESS");
    expect(stored).toMatch(/^~celeriac;half;SUCCESS\n/);
    expect(own.decompressText(stored)).toBe(text);
    expect(() => plain.decompressText(stored)).toThrow('compressed with "half"');
    const greedy = createResultCompression({ method: reversed, maxBytes: 2_000 });
    expect(() => greedy.decompressText(`~celeriac;half;\n${"AAAA".repeat(500)}`)).toThrow(
      "beyond the cap of 2000 bytes",
    );
  });

  it.each(["lzma", "", 5, true, {}, { ...reversed, name: "two words" }, { ...reversed, compress: 1 }])(
    "refuses %j, with what it may be",
    (method) => {
      expect(checkResultCompression(method)).toMatch(/zlib, gzip or brotli/);
    },
  );

  it("names itself, the value and what it may be", () => {
    expect(() => createResultCompression({ method: "lzma" })).toThrow(
      /resultCompression: is "lzma"; it must be zlib, gzip or brotli/,
    );
  });
});
