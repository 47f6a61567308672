/**
 * A completion as Celery keeps it in a chord's key: `[1, "<task id>", "<state>", <result>]`, with Python's separators and
 * escapes, since members that are equal as text count once. PROTOCOL 7.5.
 * @module
 */
import type { ChordEntry, ChordPart } from "@celeriac/core/ports";
import type { WireException } from "@celeriac/core/protocol";
import { decodeJson } from "@celeriac/core/protocol";

/** Results nest less deep than this; a member is one level around them. */
const MAX_DEPTH = 256;

/** The id as Python's encoder writes it: JSON in ASCII. */
export function idText(taskId: string): string {
  const text = JSON.stringify(taskId);
  return text.replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `part.result` goes in as it is. */
export function encodeMember(part: ChordPart): string {
  return `[1, ${idText(part.taskId)}, "${part.status}", ${part.result}]`;
}

/** Never throws: a member that nobody can read is a failed one, or its chord would never end. */
export function decodeMember(text: string): ChordEntry {
  try {
    const member = decodeJson(text, { maxDepth: MAX_DEPTH });
    if (!Array.isArray(member)) throw new TypeError("it is no list");
    const [, taskId, status, result]: readonly unknown[] = member;
    if (typeof taskId !== "string" || typeof status !== "string") throw new TypeError("it names no task and state");
    return { taskId, status, result: result ?? null };
  } catch (error) {
    return { taskId: idOfUnreadable(text), status: "FAILURE", result: unreadable(error) };
  }
}

function idOfUnreadable(text: string): string {
  return /^\[1, "([^"\\]*)"/.exec(text)?.[1] ?? "";
}

function unreadable(error: unknown): WireException {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The stored result of this header task cannot be read: ${reason}`;
  return { exc_type: "DecodeError", exc_message: [message], exc_module: "kombu.exceptions" };
}
