/**
 * What stands in the field `result`: JSON text, as Celery's serializer writes it, or with `bson` the value itself; when
 * compressing is asked for, binary with the JSON text in it.
 * PROTOCOL 7.8.
 * @module
 */
import { BackendError, DecodeError, EncodeError } from "@celeriac/core/errors";
import { decodeJson, type ResultCompression, type TaskState } from "@celeriac/core/protocol";
import type { ResultForm } from "../options/backend-settings.js";
import { binaryBytes, fromBson, toBson } from "./bson-value.js";

export interface ResultValueOptions {
  readonly form: ResultForm;
  readonly maxBytes: number;
  readonly compression: ResultCompression;
  /** Members of groups too: where no `celery.chord_unlock` task of a Python worker may have to read them. */
  readonly compressesGroups: boolean;
}

/** Whose result it is. */
export interface ResultOwner {
  readonly id: string;
  /** Of the result; absent for one that has to stay plain. */
  readonly status?: TaskState | undefined;
}

/** Results nest less deep than this. */
const MAX_DEPTH = 2_000;
/** How every pickle of protocol 2 and up begins. */
const PICKLE_MARK = 0x80;

/**
 * @param json - JSON text of the value.
 * @throws BackendError `BACKEND_REFUSED` when it is too long, EncodeError for what BSON cannot carry.
 */
export function encodeResult(json: string, owner: ResultOwner, options: ResultValueOptions): unknown {
  const { form, maxBytes } = options;
  const compressed = compress(json, owner, options);
  // Most texts are so short that their bytes need not be counted.
  const bytes = compressed?.length ?? (json.length * 3 > maxBytes ? Buffer.byteLength(json) : 0);
  if (bytes > maxBytes) {
    const limit = `the limit is ${maxBytes} (\`maxResultBytes\`), since MongoDB holds documents of 16 MB at most`;
    const message = `The result of task ${JSON.stringify(owner.id.slice(0, 60))} has ${bytes} bytes; ${limit}. Keep the value elsewhere, and return where it is.`;
    throw new BackendError(message, { code: "BACKEND_REFUSED" });
  }
  if (compressed !== undefined) return compressed;
  if (form === "json") return json;
  const written = toBson(decodeJson(json, { maxDepth: MAX_DEPTH }));
  if (written !== undefined) return written.value;
  throw new EncodeError(
    "BSON cannot carry this result: integers beyond 64 bits, names of fields with a dot or a dollar, or more than 80 levels.",
  );
}

/** @throws DecodeError `E_RESULT` */
export function decodeResult(value: unknown, { form, compression }: ResultValueOptions): unknown {
  const bytes = binaryBytes(value);
  const plain = bytes === undefined ? undefined : compression.decompress(bytes);
  if (plain !== undefined && plain !== bytes) return parse(Buffer.from(plain).toString());
  if (form === "bson") return fromBson(value);
  if (bytes !== undefined) {
    const what = bytes[0] === PICKLE_MARK ? "a pickle" : "binary";
    throw fault(`it is ${what}, and only JSON is read here; set result_serializer to "json" where it was stored`);
  }
  if (typeof value !== "string") return fromBson(value); // of a peer whose serializer is bson
  return parse(value);
}

/** `undefined` for what stays as it is. */
function compress(json: string, owner: ResultOwner, { compression }: ResultValueOptions): Buffer | undefined {
  if (owner.status === undefined || json.length < compression.minBytes) return undefined;
  const plain = Buffer.from(json);
  const written = compression.compress(plain, owner.status);
  return written === plain ? undefined : Buffer.from(written);
}

function parse(json: string): unknown {
  try {
    return decodeJson(json, { maxDepth: MAX_DEPTH });
  } catch (cause) {
    throw fault(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** An unreadable document, and why. */
export function fault(reason: string, cause?: unknown): DecodeError {
  return new DecodeError(`A stored result cannot be read: ${reason}.`, { code: "E_RESULT", cause });
}
