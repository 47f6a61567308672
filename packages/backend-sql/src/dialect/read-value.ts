/**
 * What drivers return, as one type per kind of column: big integers come as text or number, bytes as three classes.
 * @module
 */
import { parseIsoTime } from "@celeriac/core/protocol";

/** `undefined` for NULL. */
export function readBytes(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  // SQLite keeps whatever was put in, text in a column for bytes too.
  return typeof value === "string" ? Buffer.from(value) : undefined;
}

/** `undefined` for NULL. */
export function readText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const bytes = value instanceof ArrayBuffer || value instanceof Uint8Array ? readBytes(value) : undefined;
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

/** `undefined` for NULL and for what is no number. */
export function readNumber(value: unknown): number | undefined {
  if (value === null || value === undefined || value === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A naive date and time, which is UTC, in epoch milliseconds. */
export function readDateMs(value: unknown): number | undefined {
  const text = readText(value);
  return text === undefined ? undefined : parseIsoTime(text)?.epochMs;
}

/** A naive UTC date and time as every database here takes it; `micros` are added to the milliseconds. */
export function writeDate(epochMs: number, micros = 0): string {
  return new Date(epochMs).toISOString().replace("T", " ").replace("Z", String(micros).padStart(3, "0"));
}
