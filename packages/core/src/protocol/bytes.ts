/**
 * UTF-8 and base64 on `Uint8Array`. Node's `Buffer` is used when it is there because it is several times faster; without
 * it (browsers) the same results come from `TextEncoder`, `TextDecoder` and a table.
 * @module
 */

const nodeBuffer: typeof Buffer | undefined = typeof Buffer === "undefined" ? undefined : Buffer;
const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const replacement = "\uFFFD";
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const sextets: ReadonlyMap<string, number> = new Map(Array.from(alphabet, (letter, index) => [letter, index]));

/** UTF-8 bytes of `text`; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  return nodeBuffer === undefined ? encoder.encode(text) : nodeBuffer.from(text, "utf8");
}

/** Text of UTF-8 bytes, a byte order mark included; `undefined` when the bytes are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  if (nodeBuffer !== undefined) {
    const text = viewOf(bytes, nodeBuffer).toString("utf8");
    // Lenient decoding writes U+FFFD for what it cannot read, so only texts with one need the strict and slower decoder.
    if (!text.includes(replacement)) return text;
  }
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Standard base64 with padding, without line breaks. */
export function encodeBase64(bytes: Uint8Array): string {
  if (nodeBuffer !== undefined) return viewOf(bytes, nodeBuffer).toString("base64");
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const triple = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const letter = (shift: number): string => alphabet.charAt((triple >> shift) & 63);
    text += letter(18) + letter(12);
    text += at + 1 < bytes.length ? letter(6) : "=";
    text += at + 2 < bytes.length ? letter(0) : "=";
  }
  return text;
}

/** Bytes of strict base64: the standard alphabet, padded, nothing else; `undefined` for any other text. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const expected = (text.length / 4) * 3 - padding;
  if (nodeBuffer === undefined) return decodeByTable(text, padding, expected);
  const bytes = nodeBuffer.from(text, "base64");
  // Node skips what it does not know (the bytes are then too few) and reads the URL alphabet, which is not ours.
  const isStrict = bytes.length === expected && !text.includes("-") && !text.includes("_") && !hasWideLetter(text);
  return isStrict ? bytes : undefined;
}

function decodeByTable(text: string, padding: number, expected: number): Uint8Array | undefined {
  const bytes = new Uint8Array(expected);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of text.slice(0, text.length - padding)) {
    const sextet = sextets.get(letter);
    if (sextet === undefined) return undefined;
    held = ((held << 6) | sextet) & 0xff_ffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (held >> bits) & 0xff;
      at += 1;
    }
  }
  return at === expected ? bytes : undefined;
}

/** Whether a letter beyond ASCII is inside; Node has read such letters by their low byte. */
function hasWideLetter(text: string): boolean {
  return /[^\0-\x7f]/.test(text);
}

function viewOf(bytes: Uint8Array, buffer: typeof Buffer): Buffer {
  return buffer.isBuffer(bytes) ? bytes : buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
