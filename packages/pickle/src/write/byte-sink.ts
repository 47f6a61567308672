const firstCapacity = 256;

/** Bytes that grow. */
export class ByteSink {
  #bytes = Buffer.allocUnsafe(firstCapacity);
  #length = 0;

  uint8(value: number): void {
    const start = this.#grow(1);
    this.#bytes[start] = value;
  }

  uint16(value: number): void {
    const start = this.#grow(2);
    this.#bytes.writeUInt16LE(value, start);
  }

  uint32(value: number): void {
    const start = this.#grow(4);
    this.#bytes.writeUInt32LE(value, start);
  }

  int32(value: number): void {
    const start = this.#grow(4);
    this.#bytes.writeInt32LE(value, start);
  }

  float64(value: number): void {
    const start = this.#grow(8);
    this.#bytes.writeDoubleBE(value, start);
  }

  raw(bytes: Uint8Array): void {
    const start = this.#grow(bytes.length);
    this.#bytes.set(bytes, start);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#length));
  }

  /** Makes room and gives its start; the buffer may be another one afterwards. */
  #grow(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, start));
      this.#bytes = larger;
    }
    return start;
  }
}
