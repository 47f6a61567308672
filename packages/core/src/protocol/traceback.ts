import { pythonRepr } from "./python-repr.js";

const maxLength = 64 * 1024;
const maxCauses = 10;

/**
 * The stack of `error` and of its causes, outermost first, as the `traceback` of a stored result. At most 64 Ki
 * characters. Never throws.
 */
export function formatTraceback(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  let current: unknown = error;
  while (parts.length < maxCauses && !seen.has(current)) {
    seen.add(current);
    parts.push(stackOf(current));
    current = read(current, "cause");
    if (current === undefined || current === null) break;
  }
  const text = parts.join("\n\nCaused by: ");
  return text.length > maxLength ? `${text.slice(0, maxLength - 20).trimEnd()}\n... (cut off)` : text;
}

function stackOf(error: unknown): string {
  const message = read(error, "message");
  const stack = read(error, "stack");
  const members = read(error, "errors");
  const inner = Array.isArray(members)
    ? members.slice(0, maxCauses).map((member) => `\n  with: ${headOf(member)}`)
    : [];
  if (typeof stack !== "string" || stack === "") return headOf(error) + inner.join("");
  // The stack keeps the message of the moment it was made; one set later would be lost.
  const isWhole = typeof message !== "string" || stack.includes(message);
  return (isWhole ? stack : `${headOf(error)}\n${stack}`) + inner.join("");
}

function headOf(error: unknown): string {
  const name = read(error, "name");
  const message = read(error, "message");
  if (typeof message !== "string") return typeof error === "string" ? error : pythonRepr(error);
  return `${typeof name === "string" ? name : "Error"}: ${message}`;
}

/** A member of anything; `undefined` when there is none or its getter throws. */
function read(value: unknown, name: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return undefined;
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}
