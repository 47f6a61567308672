import type { UnreadableProperties } from "@celeriac/amqp-connection";
import { DecodeError } from "@celeriac/core/errors";
import { decodeResultMeta } from "@celeriac/core/protocol";
import type { ConsumeMessage } from "amqplib";
import type { KnownState } from "../results/known-state.js";

/** A message as what it says of a task. */
export interface Reply {
  readonly taskId: string;
  readonly state: KnownState;
}

/**
 * Reads a result. The id in the body counts, as it does in Celery; the correlation id stands in for it.
 * @returns The reason when not even the task can be told.
 */
export function readReply({ content, properties }: ConsumeMessage): Reply | DecodeError {
  const unreadable = unreadableOf(properties);
  if (unreadable !== undefined) return unreadable.unreadable;
  const correlationId: unknown = properties.correlationId;
  const id = typeof correlationId === "string" && correlationId !== "" ? correlationId : undefined;
  try {
    checkForm(properties.contentType, properties.headers);
    const meta = decodeResultMeta(content, id);
    return { taskId: meta.taskId, state: { kind: "meta", meta } };
  } catch (error) {
    const fault = error instanceof DecodeError ? error : malformed(String(error), error);
    return id === undefined ? fault : { taskId: id, state: { kind: "unreadable", error: fault } };
  }
}

function checkForm(contentType: unknown, headers: object | undefined): void {
  if (contentType !== undefined && contentType !== "application/json") {
    throw malformed(`its content type is ${String(contentType)}. Set result_serializer to json on every worker`);
  }
  if (headers !== undefined && "compression" in headers && headers.compression !== null) {
    throw malformed(`it is compressed (${String(headers.compression)}), which results sent over rpc:// never are`);
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
