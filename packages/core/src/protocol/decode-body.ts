import { DecodeError } from "../errors/codec-error.js";
import type { Compressions } from "./compression.js";
import type { Message } from "./message.js";
import { essence, type Serializers } from "./serializer.js";
import { showValue } from "./shape.js";

/** What is accepted as a body, and how large. */
export interface DecodeBodyOptions {
  readonly serializers: Serializers;
  readonly compressions: Compressions;
  /** Content types, from `Serializers.accept`. */
  readonly acceptContent: ReadonlySet<string>;
  /** Largest body in bytes, before and after inflating. Default 64 MiB. */
  readonly maxBodyBytes?: number;
}

const defaultMaxBodyBytes = 64 * 1024 * 1024;

/**
 * The body as a value. The content type is judged before a byte is inflated, so that what nobody reads costs nothing.
 * `application/data` and `text/plain`, which Celery trusts without being told, have to be accepted like any other type.
 * @throws DecodeError `E_CONTENT_TYPE`, `E_COMPRESSION`, `E_BODY`, `E_NUMBER`
 */
export function decodeBody(message: Message, options: DecodeBodyOptions): unknown {
  const { acceptContent, serializers } = options;
  const contentType = essence(message.contentType);
  const serializer = acceptContent.has(contentType) ? serializers.byContentType(contentType) : undefined;
  if (serializer === undefined) {
    throw new DecodeError(
      `The content type ${showValue(message.contentType)} is not accepted; accepted are ${listOf(acceptContent)}.`,
      { code: "E_CONTENT_TYPE" },
    );
  }
  const maxBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
  if (message.body.length > maxBytes) throw tooLarge(message.body.length, maxBytes, "E_BODY");
  const bytes = inflate(message, options.compressions, maxBytes);
  try {
    return serializer.decode(bytes, message.contentEncoding);
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new DecodeError(`The body is not readable as ${serializer.name}: ${reason}`, {
      code: "E_BODY",
      cause: error,
    });
  }
}

function inflate(message: Message, compressions: Compressions, maxBytes: number): Uint8Array {
  const name = Object.hasOwn(message.headers, "compression") ? message.headers.compression : undefined;
  if (name === undefined || name === null || name === "") return message.body;
  const compression = typeof name === "string" ? compressions.byHeader(name) : undefined;
  if (compression === undefined) {
    throw new DecodeError(`The compression ${showValue(name)} is not known; add it to the app's compressions.`, {
      code: "E_COMPRESSION",
    });
  }
  const bytes = compression.decompress(message.body, maxBytes);
  if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes, "E_COMPRESSION");
  return bytes;
}

function tooLarge(length: number, maxBytes: number, code: "E_BODY" | "E_COMPRESSION"): DecodeError {
  return new DecodeError(`The body has ${length} bytes, more than the cap of ${maxBytes} (maxBodyBytes).`, { code });
}

function listOf(types: ReadonlySet<string>): string {
  return [...types].join(", ") || "none";
}
