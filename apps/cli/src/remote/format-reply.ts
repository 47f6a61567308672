import { encodeJson } from "@celeriac/core";
import { safeText } from "../terminal/safe-text.js";

const INDENT = "    ";

/**
 * A worker's reply as indented lines: one line for each item of a list and each member of a record, deeper values as
 * JSON. Replies come from outside, so nothing in them reaches the terminal as a control sequence.
 */
export function formatReply(reply: unknown): string {
  return lines(reply)
    .map((line) => INDENT + safeText(line).replaceAll("\n", `\n${INDENT}`))
    .join("\n");
}

function lines(reply: unknown): readonly string[] {
  if (Array.isArray(reply)) return reply.length === 0 ? ["- empty -"] : reply.map((item) => `* ${itemText(item)}`);
  if (typeof reply !== "object" || reply === null) return [itemText(reply)];
  const members = Object.entries(reply);
  const only = members.length === 1 ? members[0] : undefined;
  // Celery's short answers: {"ok": "pong"} and {"error": "…"}.
  if (only !== undefined && (only[0] === "ok" || only[0] === "error")) return [itemText(only[1])];
  return members.map(([name, value]) => `${name}: ${itemText(value)}`);
}

function itemText(value: unknown): string {
  return typeof value === "string" ? value : encodeJson(value);
}
