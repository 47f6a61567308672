/**
 * The value kombu keeps per unacknowledged message: `[envelope, exchange, routing key]` as JSON. It is taken apart as
 * text, from its end, so that the envelope keeps every byte, even one that is no JSON. PROTOCOL 5.5.
 * @module
 */

export interface UnackedRecord {
  /** The envelope as it was in its list. */
  readonly payload: Buffer;
  readonly exchange: string;
  readonly routingKey: string;
}

/** What stands behind the envelope in a record of ours. */
export function recordTail(exchange: string, routingKey: string): string {
  return `,${JSON.stringify(exchange)},${JSON.stringify(routingKey)}]`;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** `undefined` when it is no record at all. */
export function parseUnackedRecord(record: Buffer): UnackedRecord | undefined {
  const end = skipBlanksBackwards(record, record.length);
  if (record[end - 1] !== CLOSE) return undefined;
  const routingKey = scalarBackwards(record, end - 1);
  const exchange = routingKey && scalarBackwards(record, routingKey.start);
  if (exchange === undefined) return undefined;
  let first = 0;
  while (isBlank(record[first])) first += 1;
  if (record[first] !== OPEN || first + 1 > exchange.start) return undefined;
  const payload = trim(record.subarray(first + 1, exchange.start));
  return { payload, exchange: exchange.value, routingKey: routingKey?.value ?? "" };
}

/** The text or null that ends at `end`; `start` is the position of the comma before it. */
function scalarBackwards(record: Buffer, end: number): { readonly value: string; readonly start: number } | undefined {
  const last = skipBlanksBackwards(record, end);
  const from = record[last - 1] === QUOTE ? openingQuote(record, last - 1) : last - "null".length;
  if (from < 0) return undefined;
  const comma = skipBlanksBackwards(record, from) - 1;
  if (record[comma] !== COMMA) return undefined;
  try {
    const value: unknown = JSON.parse(record.toString("utf8", from, last));
    return typeof value === "string" || value === null ? { value: value ?? "", start: comma } : undefined;
  } catch {
    return undefined;
  }
}

function openingQuote(record: Buffer, closing: number): number {
  for (let i = closing - 1; i >= 0; i -= 1) {
    if (record[i] !== QUOTE) continue;
    let backslashes = 0;
    while (record[i - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return i;
  }
  return -1;
}

function skipBlanksBackwards(record: Buffer, end: number): number {
  let position = end;
  while (position > 0 && isBlank(record[position - 1])) position -= 1;
  return position;
}

function trim(bytes: Buffer): Buffer {
  let start = 0;
  while (isBlank(bytes[start])) start += 1;
  return bytes.subarray(start, skipBlanksBackwards(bytes, bytes.length));
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
