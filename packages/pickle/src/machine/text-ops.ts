/**
 * Text and bytes.
 * @module
 */
import type { Handler } from "./handler.js";
import { cost, type Machine } from "./machine.js";
import { op } from "./opcodes.js";

/** What these opcodes do. */
export const textOps: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [op.SHORT_BINUNICODE, (machine) => machine.pushText(machine.cursor.text(machine.cursor.uint8()))],
  [op.BINUNICODE, (machine) => machine.pushText(machine.cursor.text(machine.cursor.uint32()))],
  [op.BINUNICODE8, (machine) => machine.pushText(machine.cursor.text(machine.cursor.uint64()))],
  [op.UNICODE, (machine) => machine.pushText(unescapeUnicode(machine, machine.cursor.line()))],
  [op.SHORT_BINBYTES, (machine) => pushBytes(machine, machine.cursor.uint8())],
  [op.BINBYTES, (machine) => pushBytes(machine, machine.cursor.uint32())],
  [op.BINBYTES8, (machine) => pushBytes(machine, machine.cursor.uint64())],
  [op.BYTEARRAY8, (machine) => pushBytes(machine, machine.cursor.uint64())],
  [op.SHORT_BINSTRING, (machine) => pushAscii(machine, machine.cursor.latin1(machine.cursor.uint8()))],
  [op.BINSTRING, (machine) => pushAscii(machine, machine.cursor.latin1(positive(machine)))],
  [op.STRING, (machine) => pushAscii(machine, unquote(machine, machine.cursor.line()))],
]);

function pushBytes(machine: Machine, length: number): void {
  machine.push(machine.cursor.copy(length), cost.node + length);
}

/** Text of Python 2. As in Python 3, whose default encoding for it is ASCII, other bytes are an error. */
function pushAscii(machine: Machine, text: string): void {
  if (/[^\0-\x7f]/.test(text)) {
    throw machine.cursor.fault("PICKLE_REFUSED", "a Python 2 string is not ASCII and does not say its encoding");
  }
  machine.pushText(text);
}

function positive(machine: Machine): number {
  const length = machine.cursor.int32();
  if (length < 0) throw machine.cursor.fault("PICKLE_MALFORMED", "a length is negative");
  return length;
}

/** Python's `raw-unicode-escape`: Latin-1 with `\uXXXX` and `\UXXXXXXXX`; other backslashes stand for themselves. */
function unescapeUnicode(machine: Machine, text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g, (whole, short, long, other) => {
    if (other === "u" || other === "U") throw machine.cursor.fault("PICKLE_MALFORMED", "an escape is cut short");
    if (other !== undefined) return whole;
    const code = Number.parseInt(short ?? long, 16);
    if (code > 0x10ffff) throw machine.cursor.fault("PICKLE_MALFORMED", "an escape is beyond Unicode");
    return String.fromCodePoint(code);
  });
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** The repr of a Python 2 `str`. */
function unquote(machine: Machine, line: string): string {
  const text = line.trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) {
    throw machine.cursor.fault("PICKLE_MALFORMED", "a string has no quotes");
  }
  const inside = text.slice(1, -1);
  return inside.replace(/\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|([\s\S]?))/g, (_whole, hex, octal, other) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
    if (other === "" || other === "x") throw machine.cursor.fault("PICKLE_MALFORMED", "an escape is cut short");
    return simpleEscapes.get(other) ?? `\\${other}`;
  });
}
