/**
 * Pickles put together by hand.
 * @module
 */

/** Bytes, or text whose letters are bytes. */
export type Piece = string | Uint8Array;

/** The pieces one after the other. */
export function join(...pieces: readonly Piece[]): Uint8Array {
  const buffers = pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece, "latin1") : piece));
  return new Uint8Array(Buffer.concat(buffers));
}

/** GLOBAL. */
export const named = (module: string, name: string): string => `c${module}\n${name}\n`;

/** STACK_GLOBAL with its texts. */
export const stackNamed = (module: string, name: string): Uint8Array => join(text(module), text(name), "\x93");

/** BINUNICODE. */
export function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return join("X", length, bytes);
}

/** A call by REDUCE. */
export const call = (callee: Piece, ...args: readonly Piece[]): Uint8Array => join(callee, "(", ...args, "tR");

/** The whole pickle of one value. */
export const whole = (...pieces: readonly Piece[]): Uint8Array => join("\x80\x04", ...pieces, ".");
