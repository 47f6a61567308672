/**
 * The compressions that Node brings. The module is asked for at the first use instead of imported, so that a browser can
 * load the rest of the protocol.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import type { Compression } from "./compression.js";

type Zlib = typeof import("node:zlib");

/**
 * What Celery calls both "gzip" and "zlib": a zlib stream under `application/x-gzip`. Reading also takes a real gzip
 * member, which Python refuses.
 */
export const zlibCompression: Compression = {
  name: "zlib",
  aliases: ["gzip"],
  header: "application/x-gzip",
  compress: (bytes) => zlib().deflateSync(bytes),
  // unzipSync tells the two formats apart by their first bytes.
  decompress: (bytes, maxBytes) => inflate("zlib", maxBytes, (limit) => zlib().unzipSync(bytes, limit)),
};

/**
 * Readable by Python peers that have the `brotli` package. Quality 4 is as fast as zlib and smaller; the library's default,
 * 11, holds up the event loop for seconds per megabyte.
 */
export const brotliCompression: Compression = {
  name: "brotli",
  aliases: [],
  header: "application/x-brotli",
  compress: (bytes) => zlib().brotliCompressSync(bytes, { params: { [zlib().constants.BROTLI_PARAM_QUALITY]: 4 } }),
  decompress: (bytes, maxBytes) => inflate("brotli", maxBytes, (limit) => zlib().brotliDecompressSync(bytes, limit)),
};

/** Node refuses larger limits. */
const largestLimit = 2 ** 31 - 1;

function inflate(name: string, maxBytes: number, run: (limit: { maxOutputLength: number }) => Uint8Array): Uint8Array {
  try {
    return run({ maxOutputLength: Math.min(Math.max(maxBytes, 1), largestLimit) });
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    const reason = isTooLarge ? `inflates beyond the cap of ${maxBytes} bytes` : "is corrupt";
    throw new DecodeError(`The body compressed with ${name} ${reason}.`, { code: "E_COMPRESSION", cause: error });
  }
}

function zlib(): Zlib {
  const loaded = typeof process === "undefined" ? undefined : process.getBuiltinModule?.("node:zlib");
  if (loaded !== undefined) return loaded;
  throw new DecodeError("zlib and brotli need Node; give createCompressions an implementation for this platform.", {
    code: "E_COMPRESSION",
  });
}
