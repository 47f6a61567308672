import type { LogEntry } from "./create-logger.js";

/** Anything that takes text: `process.stderr`, a file stream. */
export interface TextOutput {
  write(text: string): unknown;
}

/** One JSON object a line: `{"at":"2026-…","level":"info","message":"…",…fields}`. */
export function jsonSink(output: TextOutput): (entry: LogEntry) => void {
  return ({ at, level, message, fields }) => {
    const head = { at: new Date(at).toISOString(), level, message };
    output.write(`${escapeControls(textOf({ ...fields, ...head }) ?? textOf(head) ?? "")}\n`);
  };
}

/** For people: time, level, message, then the fields as `key=value`. */
export function prettySink(
  output: TextOutput,
  paint: (text: string, level: LogEntry["level"]) => string = (text) => text,
): (entry: LogEntry) => void {
  return ({ at, level, message, fields }) => {
    const rest = Object.entries(fields)
      .map(([key, value]) => `${key}=${show(value)}`)
      .join(" ");
    const line = `${new Date(at).toISOString().slice(11, 23)} ${level.padEnd(5)} ${message}${rest === "" ? "" : `  ${rest}`}`;
    output.write(`${paint(escapeControls(line), level)}\n`);
  };
}

function show(value: unknown): string {
  return typeof value === "string" && /^[\w./:@-]+$/.test(value) ? value : (textOf(value) ?? "[unreadable]");
}

/** A log line must never be what fails a task: a cycle or a throwing getter gives `undefined`. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, plain) ?? String(value);
  } catch {
    return undefined;
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? value.message : value;
}

/** Names and errors come from outside: no escape sequence of theirs reaches a terminal, no line break makes a line. */
function escapeControls(line: string): string {
  return line.replace(
    /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
