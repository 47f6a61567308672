import { op } from "../machine/opcodes.js";
import { encodeText } from "../surrogates.js";
import { ByteSink } from "./byte-sink.js";

/** Python sets entries of so many at once; a reader's stack never holds more. */
export const batchSize = 1_000;
/** Python's own protocol; 4 is what Python 3.8 and later write by default and 3.4 and later read. */
const protocol = 4;
const maxRemembered = 65_536;

/** Opcodes of protocol 4, one method per kind of thing. */
export class Emitter {
  readonly #sink = new ByteSink();
  readonly #memo = new Map<string, number>();

  constructor() {
    this.#sink.uint8(op.PROTO);
    this.#sink.uint8(protocol);
  }

  opcode(code: number): void {
    this.#sink.uint8(code);
  }

  /** A whole number that a double holds exactly. */
  integer(value: number): void {
    if (value >= 0 && value <= 0xff) {
      this.opcode(op.BININT1);
      this.#sink.uint8(value);
    } else if (value >= 0 && value <= 0xffff) {
      this.opcode(op.BININT2);
      this.#sink.uint16(value);
    } else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) {
      this.opcode(op.BININT);
      this.#sink.int32(value);
    } else {
      this.bigInteger(BigInt(value));
    }
  }

  /** Two's complement, least significant byte first, as short as its sign allows. */
  bigInteger(value: bigint): void {
    const magnitude = value < 0n ? -value - 1n : value;
    const length = Math.floor((magnitude === 0n ? 0 : bitLength(magnitude)) / 8) + 1;
    const hex = BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, "0");
    this.#sized(op.LONG1, op.LONG4, undefined, Buffer.from(hex, "hex").reverse());
  }

  float(value: number): void {
    this.opcode(op.BINFLOAT);
    this.#sink.float64(value);
  }

  text(text: string): void {
    this.#sized(op.SHORT_BINUNICODE, op.BINUNICODE, op.BINUNICODE8, encodeText(text));
  }

  bytes(bytes: Uint8Array): void {
    this.#sized(op.SHORT_BINBYTES, op.BINBYTES, op.BINBYTES8, bytes);
  }

  /** Text that is likely to come again, such as the key of a record: written once. */
  key(text: string): void {
    if (!this.#recall(`text ${text}`)) {
      this.text(text);
      this.#remember(`text ${text}`);
    }
  }

  /** A class or function by name. */
  global(module: string, name: string): void {
    const remembered = `global ${module} ${name}`;
    if (this.#recall(remembered)) return;
    this.key(module);
    this.key(name);
    this.opcode(op.STACK_GLOBAL);
    this.#remember(remembered);
  }

  finish(): Uint8Array {
    this.opcode(op.STOP);
    return this.#sink.finish();
  }

  #recall(name: string): boolean {
    const index = this.#memo.get(name);
    if (index === undefined) return false;
    if (index <= 0xff) {
      this.opcode(op.BINGET);
      this.#sink.uint8(index);
    } else {
      this.opcode(op.LONG_BINGET);
      this.#sink.uint32(index);
    }
    return true;
  }

  #remember(name: string): void {
    if (this.#memo.size === maxRemembered) return;
    this.#memo.set(name, this.#memo.size);
    this.opcode(op.MEMOIZE);
  }

  #sized(short: number, medium: number, long: number | undefined, bytes: Uint8Array): void {
    if (bytes.length <= 0xff) {
      this.opcode(short);
      this.#sink.uint8(bytes.length);
    } else if (bytes.length <= 0xffff_ffff || long === undefined) {
      this.opcode(medium);
      this.#sink.uint32(bytes.length);
    } else {
      this.opcode(long);
      this.#sink.uint32(bytes.length % 2 ** 32);
      this.#sink.uint32(Math.floor(bytes.length / 2 ** 32));
    }
    this.#sink.raw(bytes);
  }
}

function bitLength(magnitude: bigint): number {
  const hex = magnitude.toString(16);
  return (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)));
}
