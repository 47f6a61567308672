/**
 * Strings, bytes and numbers as Python's `repr` writes them.
 * @module
 */

/** What Python's `str.isprintable` says no to: everything invisible but the space. */
const needsEscape = /[\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const everyEscape = new RegExp(needsEscape, "gu");
const namedEscapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** `'text'`, in double quotes when only single ones are inside, control and invisible characters escaped. */
export function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = needsEscape.test(text) ? text.replace(everyEscape, escapeLetter) : text;
  return quote === "'" && escaped.includes("'") ? `'${escaped.replaceAll("'", "\\'")}'` : quote + escaped + quote;
}

function escapeLetter(letter: string): string {
  const named = namedEscapes.get(letter);
  if (named !== undefined) return named;
  const code = letter.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** `b'...'` of at most `maxLength` bytes. */
export function bytesRepr(bytes: Uint8Array, maxLength: number): string {
  let text = "";
  for (const byte of bytes.subarray(0, maxLength)) text += byteRepr(byte);
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const quoted = quote === "'" ? text.replaceAll("'", "\\'") : text;
  return `b${quote}${quoted}${bytes.length > maxLength ? "..." : ""}${quote}`;
}

function byteRepr(byte: number): string {
  const letter = String.fromCharCode(byte);
  const named = namedEscapes.get(letter);
  if (named !== undefined) return named;
  return byte >= 0x20 && byte < 0x7f ? letter : `\\x${byte.toString(16).padStart(2, "0")}`;
}

/**
 * A number as Python shows what it receives: whole numbers up to 2^53 arrive as int, the rest as float, whose exponent
 * form begins at 1e16 and below 1e-4.
 */
export function numberRepr(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e16) return Number.isInteger(value) ? `${value}.0` : String(value);
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${digits}e${sign}${exponent.replace(/^[+-]/, "").padStart(2, "0")}`;
}
