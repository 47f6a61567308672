import { PickleError, type PickleErrorCode } from "../pickle-error.js";
import { decodeText } from "../surrogates.js";
import type { Origin } from "./nodes.js";
import { opcodeName } from "./opcodes.js";

const newline = 0x0a;

/** Reads the bytes in order, never past their end, and says in errors where it was. */
export class Cursor {
  readonly #bytes: Buffer;
  #at = 0;
  #offset = 0;
  #opcode = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The opcode that is being carried out. */
  get origin(): Origin {
    return { opcode: opcodeName(this.#opcode), offset: this.#offset };
  }

  /** Starts the next opcode. @throws PickleError when the bytes end without STOP. */
  nextOpcode(): number {
    const code = this.#bytes[this.#at];
    if (code === undefined) {
      throw new PickleError("PICKLE_MALFORMED", `it ends after ${this.#at} bytes without STOP`);
    }
    this.#offset = this.#at;
    this.#opcode = code;
    this.#at += 1;
    return code;
  }

  fault(code: PickleErrorCode, reason: string, global?: string): PickleError {
    return new PickleError(code, reason, { ...this.origin, global });
  }

  uint8(): number {
    return this.#bytes.readUInt8(this.#take(1));
  }

  uint16(): number {
    return this.#bytes.readUInt16LE(this.#take(2));
  }

  uint32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  int32(): number {
    return this.#bytes.readInt32LE(this.#take(4));
  }

  /** A length of 8 bytes; what no memory can hold is truncated in any case. */
  uint64(): number {
    const start = this.#take(8);
    return this.#bytes.readUInt32LE(start) + this.#bytes.readUInt32LE(start + 4) * 2 ** 32;
  }

  float64(): number {
    return this.#bytes.readDoubleBE(this.#take(8));
  }

  /** A copy, so that a short value does not keep the whole pickle in memory. */
  copy(length: number): Uint8Array {
    const start = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  text(length: number): string {
    const start = this.#take(length);
    const text = decodeText(this.#bytes, start, start + length);
    if (text === undefined) throw this.fault("PICKLE_MALFORMED", "a text is not UTF-8");
    return text;
  }

  /** Bytes as letters U+0000 to U+00FF. */
  latin1(length: number): string {
    const start = this.#take(length);
    return this.#bytes.toString("latin1", start, start + length);
  }

  /** Up to the next newline, which is skipped, as letters U+0000 to U+00FF. */
  line(): string {
    const end = this.#bytes.indexOf(newline, this.#at);
    if (end < 0) throw this.fault("PICKLE_MALFORMED", "a line has no end");
    const text = this.#bytes.toString("latin1", this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** As `line`, in UTF-8. */
  textLine(): string {
    const start = this.#at;
    const end = start + this.line().length;
    const text = decodeText(this.#bytes, start, end);
    if (text === undefined) throw this.fault("PICKLE_MALFORMED", "a name is not UTF-8");
    return text;
  }

  /** Whether so many bytes are left. */
  holds(length: number): boolean {
    return length <= this.#bytes.length - this.#at;
  }

  #take(length: number): number {
    if (!this.holds(length)) {
      const left = this.#bytes.length - this.#at;
      throw this.fault("PICKLE_MALFORMED", `it is truncated: ${length} bytes announced, ${left} left`);
    }
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
