/**
 * Reads AMQP field tables. amqplib's own reader does not know the tag `L`, with which py-amqp writes integers beyond 32 bits:
 * one such header would cut the connection, come back, and cut it again. It also gives a header called `__proto__` a
 * meaning. This one reads every tag that RabbitMQ passes on, and keeps every name as data.
 * @see https://www.rabbitmq.com/amqp-0-9-1-errata.html, section 3, field types.
 * @module
 */

/** A position in the bytes of one table; reading moves it. */
interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

type Reader = (cursor: Cursor) => unknown;

/** What a table may hold at most below itself: deeper ones are an attack on the stack, not a message. */
const MAX_DEPTH = 64;

/** Plain data: nothing in it can be mistaken for a prototype. */
export type FieldTable = Record<string, unknown>;

/**
 * @param bytes - From the length of the table on.
 * @returns The table, and how many bytes it took.
 * @throws RangeError when it ends too early, nests too deep, or has a tag that nobody has defined.
 */
export function decodeTable(bytes: Buffer): { readonly table: FieldTable; readonly size: number } {
  const cursor: Cursor = { bytes, at: 0 };
  return { table: readTable(cursor, 0), size: cursor.at };
}

function readTable(cursor: Cursor, depth: number): FieldTable {
  const end = endOf(cursor, depth);
  const table: FieldTable = {};
  while (cursor.at < end) {
    const name = readText(cursor, cursor.bytes.readUInt8(cursor.at++));
    const value = readValue(cursor, depth);
    if (name === "__proto__") Object.defineProperty(table, name, { value, enumerable: true, configurable: true });
    else table[name] = value;
  }
  return table;
}

function readArray(cursor: Cursor, depth: number): readonly unknown[] {
  const end = endOf(cursor, depth);
  const values: unknown[] = [];
  while (cursor.at < end) values.push(readValue(cursor, depth));
  return values;
}

function endOf(cursor: Cursor, depth: number): number {
  if (depth > MAX_DEPTH) throw new RangeError(`a field table nests deeper than ${MAX_DEPTH}`);
  const end = take(cursor, 4).readUInt32BE() + cursor.at;
  if (end > cursor.bytes.length) throw new RangeError("a field table ends too early");
  return end;
}

function readValue(cursor: Cursor, depth: number): unknown {
  const tag = String.fromCharCode(cursor.bytes.readUInt8(cursor.at++));
  if (tag === "F") return readTable(cursor, depth + 1);
  if (tag === "A") return readArray(cursor, depth + 1);
  const read = READERS.get(tag);
  if (read === undefined) throw new RangeError(`a field table has the unknown type tag ${JSON.stringify(tag)}`);
  return read(cursor);
}

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["S", (cursor) => readText(cursor, take(cursor, 4).readUInt32BE())],
  ["s", (cursor) => take(cursor, 2).readInt16BE()],
  ["I", (cursor) => take(cursor, 4).readInt32BE()],
  ["i", (cursor) => take(cursor, 4).readUInt32BE()],
  ["l", readLong],
  ["L", readLong],
  ["b", (cursor) => take(cursor, 1).readInt8()],
  ["B", (cursor) => take(cursor, 1).readUInt8()],
  ["u", (cursor) => take(cursor, 2).readUInt16BE()],
  ["f", (cursor) => take(cursor, 4).readFloatBE()],
  ["d", (cursor) => take(cursor, 8).readDoubleBE()],
  ["t", (cursor) => take(cursor, 1).readUInt8() !== 0],
  ["V", () => null],
  ["x", (cursor) => take(cursor, take(cursor, 4).readUInt32BE())],
  ["D", readDecimal],
  ["T", (cursor) => new Date(Number(take(cursor, 8).readBigUInt64BE()) * 1000)],
]);

/** Exact: a number where one can hold it, else a bigint. */
function readLong(cursor: Cursor): number | bigint {
  const value = take(cursor, 8).readBigInt64BE();
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** The text of the number: no type of JavaScript keeps a decimal fraction exactly. */
function readDecimal(cursor: Cursor): string {
  const places = take(cursor, 1).readUInt8();
  const digits = String(take(cursor, 4).readInt32BE());
  if (places === 0) return digits;
  const sign = digits.startsWith("-") ? "-" : "";
  const padded = digits.slice(sign.length).padStart(places + 1, "0");
  return `${sign}${padded.slice(0, -places)}.${padded.slice(-places)}`;
}

function readText(cursor: Cursor, length: number): string {
  return take(cursor, length).toString("utf8");
}

function take(cursor: Cursor, length: number): Buffer {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw new RangeError("a field table ends too early");
  const part = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return part;
}
