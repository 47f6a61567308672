import { decodeUtf8 } from "./bytes.js";
import { decodeJson } from "./json.js";
import type { Message } from "./message.js";
import { isRecord } from "./shape.js";
import { isTaskId } from "./task-headers.js";

/** Larger bodies are not searched: a dead letter is not worth the time. */
const maxSearchedBytes = 1024 * 1024;

/**
 * What can still be said about a message that could not be decoded, for its dead-letter record and FAILURE result: the id
 * when it is a valid one, the task name when it is text. Looks into the body only for protocol 1. Never throws.
 */
export function peekTask(message: Message): { id?: string; task?: string } {
  try {
    const fields = Object.hasOwn(message.headers, "task")
      ? message.headers
      : { ...legacyBody(message), ...message.headers };
    return {
      ...(isTaskId(fields.id) ? { id: fields.id } : undefined),
      ...(typeof fields.task === "string" && fields.task !== "" ? { task: fields.task } : undefined),
    };
  } catch {
    return {};
  }
}

function legacyBody(message: Message): Readonly<Record<string, unknown>> {
  if (message.body.length > maxSearchedBytes) return {};
  const text = decodeUtf8(message.body);
  if (text === undefined || !text.includes('"task"')) return {};
  try {
    const body = decodeJson(text);
    return isRecord(body) ? body : {};
  } catch {
    return {};
  }
}
