/**
 * What stands in the result column: a pickle of the value, as SQLAlchemy's PickleType writes it whatever the serializer, or
 * JSON text; either compressed when that is asked for. PROTOCOL 7.9.
 * @module
 */
import { BackendError, DecodeError } from "@celeriac/core/errors";
import { createResultCompression, decodeJson, type ResultCompression, type TaskState } from "@celeriac/core/protocol";
import { readPickle, writePickle } from "@celeriac/pickle";
import type { ResultColumnForm } from "../options/backend-settings.js";

/** The deepest that a pickle may be read. */
const MAX_DEPTH = 500;
/** How every pickle of protocol 2 and up begins, and no JSON text. */
const PICKLE_MARK = 0x80;
/** States whose result is an exception. */
const EXCEPTION_STATES: ReadonlySet<string> = new Set(["FAILURE", "RETRY", "REVOKED"]);

export interface ResultColumnOptions {
  readonly form: ResultColumnForm;
  readonly maxBytes: number;
  /** Default: results are written plain. */
  readonly compression?: ResultCompression;
  /** Members of groups too: where no `celery.chord_unlock` task of a Python worker may have to read them. */
  readonly compressesGroups?: boolean;
}

/**
 * The column for a result; null for null, as SQLAlchemy has it.
 * @param text - JSON text of the value.
 * @param status - Of the result; `undefined` for one that has to stay plain.
 * @throws BackendError `BACKEND_REFUSED` when it is too long, EncodeError for what a pickle cannot carry.
 */
export function encodeResult(
  text: string,
  status: TaskState | undefined,
  options: ResultColumnOptions,
): Uint8Array | null {
  if (text === "null") return null;
  const plain =
    options.form === "json"
      ? Buffer.from(text)
      : writePickle(decodeJson(text, { maxDepth: MAX_DEPTH }), { maxDepth: MAX_DEPTH });
  const bytes = status === undefined ? plain : (options.compression?.compress(plain, status) ?? plain);
  if (bytes.length <= options.maxBytes) return bytes;
  const message = `The result has ${bytes.length} bytes, more than the ${options.maxBytes} of \`maxResultBytes\`.`;
  throw new BackendError(message, { code: "BACKEND_REFUSED" });
}

/** @throws DecodeError `E_RESULT`, also for a pickle that is not plain data. */
export function decodeResult(stored: Uint8Array | undefined, status: string, options: ResultColumnOptions): unknown {
  if (stored === undefined) return null;
  const { compression = createResultCompression() } = options;
  const bytes = compression.decompress(stored);
  const maxBytes = bytes === stored ? options.maxBytes : bytes.length; // what was inflated is within its own cap
  try {
    if (options.form === "json" && bytes[0] !== PICKLE_MARK) {
      return decodeJson(Buffer.from(bytes).toString(), { maxDepth: MAX_DEPTH });
    }
    const expects = EXCEPTION_STATES.has(status) ? "exception" : "value";
    return readPickle(bytes, { expects, maxBytes, maxDepth: MAX_DEPTH });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DecodeError(`A stored result cannot be read: ${reason}`, { code: "E_RESULT", cause });
  }
}
