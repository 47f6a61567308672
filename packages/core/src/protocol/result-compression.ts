/**
 * Results that a store keeps compressed. Celery has no such thing: it declares `result_compression` and no backend applies
 * it, so no Python peer reads what this writes, and a store writes it only when its own option says so. Reading takes
 * compressed and plain results alike, whatever the option says.
 *
 * A compressed result is a line, `~celeriac;zlib;SUCCESS`, and then the compressed bytes, in base64 where a store holds text.
 * Neither JSON nor a pickle begins so. The third word is there when the state is SUCCESS and empty otherwise: a store's own
 * script sees without inflating anything that a result is final.
 * @module
 */
import { DecodeError } from "../errors/codec-error.js";
import { ConfigError } from "../errors/config-error.js";
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from "./bytes.js";
import { type Compression, compressWhenWorthwhile, createCompressions, SMALLEST_BYTES } from "./compression.js";
import type { TaskState } from "./result-meta.js";
import { showValue } from "./shape.js";

export interface ResultCompressionOptions {
  /** `zlib`, `gzip`, `brotli`, or a compression of one's own; absent: results are written plain. */
  readonly method?: string | Compression | undefined;
  /** Bytes of a result when it is inflated. A longer one is written plain, and is an error when read. Default 64 MiB. */
  readonly maxBytes?: number;
}

/** Writes and reads results of a store. */
export interface ResultCompression {
  /** What is shorter stays plain: 1,024, or `Infinity` when nothing is compressed. */
  readonly minBytes: number;
  /** What to store: compressed when asked for, worthwhile and not beyond the cap, else `bytes` as they are. */
  compress(bytes: Uint8Array, status: TaskState): Uint8Array;
  /** The same, for stores that hold text. */
  compressText(text: string, status: TaskState): string;
  /** What was given to `compress`, by us or by anybody. @throws DecodeError `E_RESULT`: unknown, corrupt, or a bomb. */
  decompress(stored: Uint8Array): Uint8Array;
  /** Like `decompress`, for stores that hold text. */
  decompressText(stored: string): string;
}

/** How a compressed result begins. */
export const COMPRESSED_RESULT_MARK = "~celeriac;";

const MARK_BYTES = encodeUtf8(COMPRESSED_RESULT_MARK);
const HEADER = /^~celeriac;([\w.+-]{1,64});(SUCCESS)?\n/;
/** Longer than any header. */
const HEADER_BYTES = 96;
const NAME = /^[\w.+-]{1,64}$/;
const LONGEST_RESULT = 64 * 1_048_576;

/**
 * What is wrong with the option `resultCompression`: the words after "it must be", or `undefined`.
 * @see checkOptions
 */
export function checkResultCompression(value: unknown): string | undefined {
  if (typeof value === "string") return createCompressions().byHeader(value) === undefined ? WANTED : undefined;
  if (typeof value !== "object" || value === null || !("compress" in value && "decompress" in value)) return WANTED;
  if (typeof value.compress !== "function" || typeof value.decompress !== "function") return WANTED;
  return "name" in value && typeof value.name === "string" && NAME.test(value.name) ? undefined : WANTED;
}

const WANTED = "zlib, gzip or brotli, or an object that is a Compression with a name of letters and digits";

/** @throws ConfigError for a method that is not known. */
export function createResultCompression(options: ResultCompressionOptions = {}): ResultCompression {
  const { method, maxBytes = LONGEST_RESULT } = options;
  const wanted = method === undefined ? undefined : checkResultCompression(method);
  if (wanted !== undefined) {
    throw new ConfigError([{ key: "resultCompression", message: `is ${showValue(method)}; it must be ${wanted}.` }]);
  }
  const compressions = createCompressions(typeof method === "object" ? [method] : []);
  const chosen = typeof method === "string" ? compressions.byName(method) : method;

  const shrink = (bytes: Uint8Array): Uint8Array | undefined =>
    chosen === undefined || bytes.length > maxBytes ? undefined : compressWhenWorthwhile(chosen, bytes);
  const headerOf = (status: TaskState): string =>
    `${COMPRESSED_RESULT_MARK}${chosen?.name ?? ""};${status === "SUCCESS" ? status : ""}\n`;
  const inflate = (name: string, content: Uint8Array): Uint8Array => {
    const compression = compressions.byHeader(name);
    if (compression === undefined) {
      throw fault(`it is compressed with ${showValue(name)}, which is not known here; pass it as resultCompression`);
    }
    let bytes: Uint8Array;
    try {
      bytes = compression.decompress(content, maxBytes);
    } catch (error) {
      throw fault(error instanceof Error ? error.message : String(error), error);
    }
    if (bytes.length > maxBytes) throw fault(`it inflates beyond the cap of ${maxBytes} bytes`);
    return bytes;
  };

  return {
    minBytes: chosen === undefined ? Number.POSITIVE_INFINITY : SMALLEST_BYTES,
    compress(bytes, status) {
      const small = shrink(bytes);
      return small === undefined ? bytes : smaller(joined(encodeUtf8(headerOf(status)), small), bytes);
    },
    compressText(text, status) {
      if (chosen === undefined || text.length * 3 < SMALLEST_BYTES) return text;
      const small = shrink(encodeUtf8(text));
      const written = small === undefined ? text : `${headerOf(status)}${encodeBase64(small)}`;
      return written.length < text.length ? written : text;
    },
    decompress(stored) {
      if (!MARK_BYTES.every((byte, index) => stored[index] === byte)) return stored;
      const [header = "", name = ""] = HEADER.exec(latin(stored.subarray(0, HEADER_BYTES))) ?? [];
      if (name === "") throw fault("its header is cut off or unknown");
      return inflate(name, stored.subarray(header.length));
    },
    decompressText(stored) {
      if (!stored.startsWith(COMPRESSED_RESULT_MARK)) return stored;
      const [header = "", name = ""] = HEADER.exec(stored.slice(0, HEADER_BYTES)) ?? [];
      const content = name === "" ? undefined : decodeBase64(stored.slice(header.length));
      if (content === undefined) throw fault("its header or its base64 is damaged");
      const text = decodeUtf8(inflate(name, content));
      if (text === undefined) throw fault("it is not valid UTF-8");
      return text;
    },
  };
}

function smaller(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.length < other.length ? one : other;
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

/** Each byte as one letter. */
function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function fault(reason: string, cause?: unknown): DecodeError {
  return new DecodeError(`A stored result cannot be read: ${reason.replace(/\.$/, "")}.`, { code: "E_RESULT", cause });
}
