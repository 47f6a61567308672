import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCompressions } from "./compression.js";

const compressions = createCompressions();
const zlib = compressions.byName("zlib");
const megabyte = 1024 * 1024;

describe("compressions", () => {
  it.each(["zlib", "gzip", "brotli"])("%s gives back what it compressed", (name) => {
    const compression = compressions.byName(name);
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const back = compression.decompress(compression.compress(bytes), megabyte);
        expect(Array.from(back)).toEqual(Array.from(bytes));
      }),
    );
  });

  it("writes a zlib stream for what Celery calls gzip", () => {
    expect(Array.from(zlib.compress(new Uint8Array(10)).subarray(0, 2))).toEqual([0x78, 0x9c]);
    expect(compressions.byName("gzip")).toBe(zlib);
    expect(zlib.header).toBe("application/x-gzip");
  });

  it("reads a real gzip member too", () => {
    expect(zlib.decompress(gzipSync("hello"), 5).toString()).toBe(Buffer.from("hello").toString());
  });

  it("stops inflating at the cap", () => {
    const bomb = deflateSync(new Uint8Array(64 * megabyte));
    const before = process.memoryUsage().rss;
    expect(() => zlib.decompress(bomb, megabyte)).toThrow(expect.objectContaining({ code: "E_COMPRESSION" }));
    expect(process.memoryUsage().rss - before).toBeLessThan(32 * megabyte);
    const brotliBomb = brotliCompressSync(new Uint8Array(8 * megabyte));
    expect(() => compressions.byName("brotli").decompress(brotliBomb, 1000)).toThrow("beyond the cap of 1000 bytes");
    expect(zlib.decompress(deflateSync(new Uint8Array(1000)), 1000)).toHaveLength(1000);
    expect(() => zlib.decompress(deflateSync(new Uint8Array(1001)), 1000)).toThrow("beyond the cap");
  });

  it.each([
    ["noise", new Uint8Array([1, 2, 3])],
    ["nothing", new Uint8Array()],
    ["a cut stream", deflateSync("hello hello hello").subarray(0, 8)],
  ])("refuses %s", (_name, bytes) => {
    expect(() => zlib.decompress(bytes, 100)).toThrow(expect.objectContaining({ code: "E_COMPRESSION" }));
  });

  it("knows headers by content type, name and alias", () => {
    for (const value of ["application/x-gzip", "gzip", "ZLIB"]) expect(compressions.byHeader(value)).toBe(zlib);
    expect(compressions.byHeader("application/x-bz2")).toBeUndefined();
    expect(() => compressions.byName("bzip2")).toThrow("there are zlib, gzip, brotli");
  });

  it("takes more, which may replace a built-in one", () => {
    const own = { ...zlib, name: "own", aliases: ["gzip"], header: "application/x-own" };
    const extended = createCompressions([own]);
    expect(extended.byName("gzip")).toBe(own);
    expect(extended.byHeader("application/x-own")).toBe(own);
    expect(extended.byName("zlib")).toBe(zlib);
  });
});
