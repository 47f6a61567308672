// @ts-check
/** The part of BSON that commands and answers of these tools are made of. */

/**
 * @param {Readonly<Record<string, unknown>>} value
 * @returns {Buffer}
 */
export function encodeDocument(value) {
  const elements = Buffer.concat(Object.entries(value).map(([name, item]) => encodeElement(name, item)));
  const length = Buffer.alloc(4);
  length.writeInt32LE(elements.length + 5);
  return Buffer.concat([length, elements, Buffer.from([0])]);
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function encodeElement(name, value) {
  const element = (/** @type {number} */ kind, /** @type {Buffer} */ body) =>
    Buffer.concat([Buffer.from([kind]), Buffer.from(`${name}\0`), body]);
  if (typeof value === "number") {
    const body = Buffer.alloc(4);
    body.writeInt32LE(value);
    return element(0x10, body);
  }
  if (typeof value === "string") {
    const text = Buffer.from(`${value}\0`);
    const length = Buffer.alloc(4);
    length.writeInt32LE(text.length);
    return element(0x02, Buffer.concat([length, text]));
  }
  if (Array.isArray(value)) return element(0x04, encodeDocument(Object.fromEntries(value.entries())));
  if (typeof value === "object" && value !== null) return element(0x03, encodeDocument({ ...value }));
  throw new TypeError(`${name} cannot be sent`);
}

/**
 * Reads a document up to the first element of a kind that is not known here: what is asked for stands before those.
 * @param {Buffer} bytes
 * @returns {Record<string, unknown>}
 */
export function decodeDocument(bytes) {
  /** @type {Record<string, unknown>} */
  const document = {};
  for (let at = 4; at < bytes.length && bytes[at] !== 0; ) {
    const nameEnd = bytes.indexOf(0, at + 1);
    const read = readValue(bytes, bytes[at] ?? 0, nameEnd + 1);
    if (read === undefined) break;
    document[bytes.toString("utf8", at + 1, nameEnd)] = read.value;
    at = read.end;
  }
  return document;
}

/**
 * @param {Buffer} bytes
 * @param {number} kind
 * @param {number} at
 * @returns {{ value: unknown, end: number } | undefined}
 */
function readValue(bytes, kind, at) {
  const length = () => bytes.readInt32LE(at);
  switch (kind) {
    case 0x01:
      return { value: bytes.readDoubleLE(at), end: at + 8 };
    case 0x02:
      return { value: bytes.toString("utf8", at + 4, at + 3 + length()), end: at + 4 + length() };
    case 0x03:
    case 0x04:
      return { value: decodeDocument(bytes.subarray(at, at + length())), end: at + length() };
    case 0x05:
      return { value: undefined, end: at + 5 + length() };
    case 0x07:
      return { value: undefined, end: at + 12 };
    case 0x08:
      return { value: bytes[at] === 1, end: at + 1 };
    case 0x09:
    case 0x11:
    case 0x12:
      return { value: bytes.readBigInt64LE(at), end: at + 8 };
    case 0x0a:
      return { value: null, end: at };
    case 0x10:
      return { value: bytes.readInt32LE(at), end: at + 4 };
    default:
      return undefined;
  }
}
