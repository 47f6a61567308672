/**
 * UTF-8 as pickles have it: Python's `surrogatepass`, which also carries lone surrogates.
 * @module
 */

const replacement = "\uFFFD";
const loneSurrogate = /\p{Surrogate}/u;
const chunkLength = 8_192;

/** Text of the bytes from `start` to `end`; `undefined` when they are not valid. */
export function decodeText(bytes: Buffer, start: number, end: number): string | undefined {
  const text = bytes.toString("utf8", start, end);
  // Node writes U+FFFD for what it cannot read, so only texts with one need the slow decoder.
  return text.includes(replacement) ? decodeByHand(bytes.subarray(start, end)) : text;
}

/** Bytes of `text`, lone surrogates included. */
export function encodeText(text: string): Buffer {
  return loneSurrogate.test(text) ? encodeByHand(text) : Buffer.from(text, "utf8");
}

function decodeByHand(bytes: Uint8Array): string | undefined {
  let text = "";
  let codes: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] ?? 0;
    const length = lengthOf(lead);
    const code = length === 0 ? -1 : codeAt(bytes, at, length);
    if (code < 0) return undefined;
    codes.push(code);
    if (codes.length === chunkLength) {
      text += String.fromCodePoint(...codes);
      codes = [];
    }
    at += length;
  }
  return text + String.fromCodePoint(...codes);
}

/** Length of a sequence by its first byte, 0 for a byte that starts none. */
function lengthOf(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

const smallest = [0, 0, 0x80, 0x800, 0x10000];
const leadMask = [0, 0x7f, 0x1f, 0x0f, 0x07];

function codeAt(bytes: Uint8Array, at: number, length: number): number {
  let code = (bytes[at] ?? 0) & (leadMask[length] ?? 0);
  for (let index = 1; index < length; index += 1) {
    const next = bytes[at + index] ?? 0;
    if ((next & 0xc0) !== 0x80) return -1;
    code = code * 64 + (next & 0x3f);
  }
  return code >= (smallest[length] ?? 0) && code <= 0x10ffff ? code : -1;
}

function encodeByHand(text: string): Buffer {
  const bytes = Buffer.alloc(text.length * 3);
  let length = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code <= 0xdfff) {
      bytes[length] = 0xe0 | (code >> 12);
      bytes[length + 1] = 0x80 | ((code >> 6) & 0x3f);
      bytes[length + 2] = 0x80 | (code & 0x3f);
      length += 3;
    } else {
      length += bytes.write(letter, length, "utf8");
    }
  }
  return bytes.subarray(0, length);
}
