/**
 * What stands in the field `result`: JSON text, as Celery's serializer writes it, or with `bson` the value itself.
 * PROTOCOL 7.8.
 * @module
 */
import { BackendError, DecodeError, EncodeError } from "@celeriac/core/errors";
import { decodeJson } from "@celeriac/core/protocol";
import type { ResultForm } from "../options/backend-settings.js";
import { binaryBytes, fromBson, toBson } from "./bson-value.js";

export interface ResultValueOptions {
  readonly form: ResultForm;
  readonly maxBytes: number;
}

/** Results nest less deep than this. */
const MAX_DEPTH = 2_000;
/** How every pickle of protocol 2 and up begins. */
const PICKLE_MARK = 0x80;

/**
 * @param json - JSON text of the value.
 * @throws BackendError `BACKEND_REFUSED` when it is too long, EncodeError for what BSON cannot carry.
 */
export function encodeResult(json: string, taskId: string, { form, maxBytes }: ResultValueOptions): unknown {
  // Most texts are so short that their bytes need not be counted.
  const bytes = json.length * 3 > maxBytes ? Buffer.byteLength(json) : 0;
  if (bytes > maxBytes) {
    const limit = `the limit is ${maxBytes} (\`maxResultBytes\`), since MongoDB holds documents of 16 MB at most`;
    const message = `The result of task ${JSON.stringify(taskId.slice(0, 60))} has ${bytes} bytes; ${limit}. Keep the value elsewhere, and return where it is.`;
    throw new BackendError(message, { code: "BACKEND_REFUSED" });
  }
  if (form === "json") return json;
  const written = toBson(decodeJson(json, { maxDepth: MAX_DEPTH }));
  if (written !== undefined) return written.value;
  throw new EncodeError(
    "BSON cannot carry this result: integers beyond 64 bits, names of fields with a dot or a dollar, or more than 80 levels.",
  );
}

/** @throws DecodeError `E_RESULT` */
export function decodeResult(value: unknown, form: ResultForm): unknown {
  if (form === "bson") return fromBson(value);
  const bytes = binaryBytes(value);
  if (bytes !== undefined) {
    const what = bytes[0] === PICKLE_MARK ? "a pickle" : "binary";
    throw fault(`it is ${what}, and only JSON is read here; set result_serializer to "json" where it was stored`);
  }
  if (typeof value !== "string") return fromBson(value); // of a peer whose serializer is bson
  try {
    return decodeJson(value, { maxDepth: MAX_DEPTH });
  } catch (cause) {
    throw fault(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** An unreadable document, and why. */
export function fault(reason: string, cause?: unknown): DecodeError {
  return new DecodeError(`A stored result cannot be read: ${reason}.`, { code: "E_RESULT", cause });
}
