/**
 * Narrowing of decoded JSON.
 * @module
 */

/** A decoded JSON object: not null, no array, no typed value. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A value in an error message: short, quoted, with everything a terminal could act on escaped. */
export function showValue(value: unknown): string {
  if (typeof value === "string") return escapeControls(JSON.stringify(clip(value)));
  if (typeof value === "bigint" || typeof value === "number" || typeof value === "boolean") return clip(String(value));
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return value instanceof Uint8Array ? `${value.length} bytes` : "an object";
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

function escapeControls(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
