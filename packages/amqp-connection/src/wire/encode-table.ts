/**
 * Prepares values for amqplib's field table writer, which guesses the type of a number and gives an object with a member
 * `!` a meaning of its own. What passes through here arrives as it was.
 * @module
 */
import { EncodeError } from "@celeriac/core/errors";

const INT64_LIMIT = 2 ** 63;
const MAX_NAME_BYTES = 255;
const MAX_DEPTH = 64;

/**
 * @param table - Headers or arguments; `undefined` members are left out.
 * @returns A record for amqplib.
 * @throws EncodeError naming the member that has no form in AMQP.
 */
export function toFieldTable(table: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return tableOf(table, "", 0);
}

function tableOf(table: Readonly<Record<string, unknown>>, path: string, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new EncodeError(`The header${path} nests deeper than ${MAX_DEPTH}.`);
  const encoded: Record<string, unknown> = {};
  for (const name of Object.keys(table)) {
    const given = table[name];
    if (given === undefined) continue;
    if (name.length > MAX_NAME_BYTES / 3 && Buffer.byteLength(name) > MAX_NAME_BYTES) {
      throw new EncodeError(`The name of header${path} ${JSON.stringify(name.slice(0, 40))}... is over 255 bytes.`);
    }
    const value = encodeValue(given, path, name, depth);
    if (name === "__proto__") Object.defineProperty(encoded, name, { value, enumerable: true });
    else encoded[name] = value;
  }
  return encoded;
}

function encodeValue(value: unknown, path: string, name: string, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return numberOf(value);
    case "bigint":
      if (BigInt.asIntN(64, value) === value) return { "!": "long", value };
      throw new EncodeError(`The header${path} ${JSON.stringify(name)} is an integer beyond 64 bits.`);
    case "object":
      return value === null ? null : objectOf(value, `${path} ${JSON.stringify(name)}`, depth + 1);
    default:
      throw new EncodeError(`The header${path} ${JSON.stringify(name)} is a ${typeof value}, which AMQP cannot carry.`);
  }
}

/** amqplib takes every number from 2^50 on, and NaN, for an integer. */
function numberOf(value: number): unknown {
  return Number.isInteger(value) && Math.abs(value) < INT64_LIMIT && !Object.is(value, -0)
    ? value
    : { "!": "double", value };
}

function objectOf(value: object, path: string, depth: number): unknown {
  if (Array.isArray(value)) return value.map((item, index) => encodeValue(item ?? null, path, String(index), depth));
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof Date) return { "!": "timestamp", value: Math.floor(value.getTime() / 1000) };
  if ("toJSON" in value && typeof value.toJSON === "function") return encodeValue(value.toJSON(), path, "", depth);
  const table = tableOf({ ...value }, path, depth);
  return Object.hasOwn(table, "!") ? { "!": "object", value: table } : table;
}
