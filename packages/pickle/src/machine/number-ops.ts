/**
 * None, booleans, integers and floats.
 * @module
 */
import type { Handler } from "./handler.js";
import type { Machine } from "./machine.js";
import { cost } from "./machine.js";
import { op } from "./opcodes.js";

/** Python reads no integer text longer than this by default, and neither does the JSON of core. */
const maxDigits = 4_300;
/** Bytes in which every integer of 4,300 digits fits. */
const maxIntegerBytes = 1_786;
const integerText = /^[+-]?\d+$/;
const floatText = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const wordFloats: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["-nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);

/** What these opcodes do. */
export const numberOps: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [op.NONE, (machine) => machine.push(null)],
  [op.NEWTRUE, (machine) => machine.push(true)],
  [op.NEWFALSE, (machine) => machine.push(false)],
  [op.BININT, (machine) => machine.push(machine.cursor.int32())],
  [op.BININT1, (machine) => machine.push(machine.cursor.uint8())],
  [op.BININT2, (machine) => machine.push(machine.cursor.uint16())],
  [op.LONG1, (machine) => pushInteger(machine, machine.cursor.uint8())],
  [op.LONG4, (machine) => pushInteger(machine, machine.cursor.uint32())],
  [op.INT, readInt],
  [op.LONG, (machine) => pushDecimal(machine, machine.cursor.line().replace(/L$/, ""))],
  [op.FLOAT, readFloat],
  [op.BINFLOAT, (machine) => pushFloat(machine, machine.cursor.float64())],
]);

function readInt(machine: Machine): void {
  const text = machine.cursor.line();
  // Protocols 0 and 1 have no booleans: these two spellings are theirs.
  if (text === "00" || text === "01") machine.push(text === "01");
  else pushDecimal(machine, text);
}

function pushDecimal(machine: Machine, text: string): void {
  if (text.length > maxDigits) throw tooLong(machine);
  if (!integerText.test(text)) throw machine.cursor.fault("PICKLE_MALFORMED", "an integer is not a number");
  push(machine, BigInt(text.startsWith("+") ? text.slice(1) : text), text.length);
}

/** Two's complement, least significant byte first. */
function pushInteger(machine: Machine, length: number): void {
  if (length > maxIntegerBytes) throw tooLong(machine);
  const bytes = machine.cursor.copy(length);
  const magnitude = BigInt(`0x0${Buffer.from(bytes).reverse().toString("hex")}`);
  push(machine, BigInt.asIntN(length * 8, magnitude), length);
}

function push(machine: Machine, value: bigint, bytes: number): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) machine.push(number);
  else machine.push(value, cost.text + bytes);
}

function readFloat(machine: Machine): void {
  const text = machine.cursor.line();
  const word = wordFloats.get(text.toLowerCase());
  if (word === undefined && (text.length > maxDigits || !floatText.test(text))) {
    throw machine.cursor.fault("PICKLE_MALFORMED", "a float is not a number");
  }
  pushFloat(machine, word ?? Number(text));
}

function pushFloat(machine: Machine, value: number): void {
  if (Number.isInteger(value)) machine.push({ kind: "float", value }, cost.text);
  else machine.push(value);
}

function tooLong(machine: Machine): Error {
  return machine.cursor.fault("PICKLE_LIMIT", `an integer has more than ${maxDigits} digits`);
}
