import type { UnreadableProperties } from "@celeriac/amqp-connection";
import { DecodeError } from "@celeriac/core/errors";
import { type Compressions, decodeResultMeta } from "@celeriac/core/protocol";
import type { ConsumeMessage } from "amqplib";
import type { KnownState } from "../results/known-state.js";

/** Bytes of a result when it is inflated. */
const LONGEST_RESULT = 64 * 1_048_576;

/** A message as what it says of a task. */
export interface Reply {
  readonly taskId: string;
  readonly state: KnownState;
}

/**
 * Reads a result. The id in the body counts, as it does in Celery; the correlation id stands in for it.
 * @returns The reason when not even the task can be told.
 */
export function readReply({ content, properties }: ConsumeMessage, compressions: Compressions): Reply | DecodeError {
  const unreadable = unreadableOf(properties);
  if (unreadable !== undefined) return unreadable.unreadable;
  const correlationId: unknown = properties.correlationId;
  const id = typeof correlationId === "string" && correlationId !== "" ? correlationId : undefined;
  try {
    checkType(properties.contentType);
    const meta = decodeResultMeta(inflate(content, properties.headers, compressions), id);
    return { taskId: meta.taskId, state: { kind: "meta", meta } };
  } catch (error) {
    const fault = error instanceof DecodeError ? error : malformed(String(error), error);
    return id === undefined ? fault : { taskId: id, state: { kind: "unreadable", error: fault } };
  }
}

function checkType(contentType: unknown): void {
  if (contentType !== undefined && contentType !== "application/json") {
    throw malformed(`its content type is ${String(contentType)}. Set result_serializer to json on every worker`);
  }
}

/** As kombu does, by the header. Celery's own results are never compressed, but any peer may send some. */
function inflate(content: Buffer, headers: object | undefined, compressions: Compressions): Uint8Array {
  const name = headers !== undefined && "compression" in headers ? headers.compression : undefined;
  if (name === undefined || name === null || name === "") return content;
  const compression = typeof name === "string" ? compressions.byHeader(name) : undefined;
  if (compression === undefined) {
    throw malformed(`it is compressed with ${String(name)}, which is not known here; pass it as resultCompression`);
  }
  try {
    return compression.decompress(content, LONGEST_RESULT);
  } catch (error) {
    throw malformed(error instanceof Error ? error.message.replace(/\.$/, "") : String(error), error);
  }
}

function malformed(reason: string, cause?: unknown): DecodeError {
  return new DecodeError(`A result that was sent here cannot be read: ${reason}.`, { code: "E_RESULT", cause });
}

/** What the connection puts in the place of properties that it could not read. */
function unreadableOf(properties: object): UnreadableProperties | undefined {
  // Written by the connection alone, with exactly these members.
  return "unreadable" in properties ? (properties as UnreadableProperties) : undefined;
}
