/** Reading of the golden vectors in `vectors/`. */
import { readdirSync, readFileSync } from "node:fs";
import { encodeBase64 } from "../src/protocol/bytes.js";
import { DateTime, Decimal, decodeJson, PlainDate, PlainTime, Uuid } from "../src/protocol/index.js";
import { isRecord } from "../src/protocol/shape.js";

type Members = Readonly<Record<string, unknown>>;

export interface Vector {
  readonly name: string;
  readonly raw: unknown;
  readonly decoded: unknown;
}

const folder = new URL("./vectors/", import.meta.url);

export const vectors: readonly Vector[] = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => {
    const document = decodeJson(readFileSync(new URL(file, folder), "utf8"));
    if (!isRecord(document)) throw new Error(`${file} is no vector`);
    return { name: file.replace(/\.json$/, ""), raw: document.raw, decoded: document.decoded };
  });

export function vectorNamed(name: string): Vector {
  const vector = vectors.find((candidate) => candidate.name === name);
  if (vector === undefined) throw new Error(`There is no vector ${name}`);
  return vector;
}

/** Every text inside `value`, in order. */
export function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** Envelopes recorded in a vector, as raw texts. */
export function envelopesIn(vector: Vector): readonly string[] {
  return textsIn(vector.raw).filter((text) => text.startsWith('{"body"'));
}

/** The messages Python read, in order. */
export function messagesIn(value: unknown): readonly Members[] {
  if (Array.isArray(value)) return value.flatMap(messagesIn);
  if (!isRecord(value)) return [];
  if (isRecord(value.message)) return [value.message];
  return Object.values(value).flatMap(messagesIn);
}

/** A value with typed values as the vectors write them, so that both sides compare. */
export function marked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(marked);
  if (value instanceof DateTime) return { $type: "datetime", value: value.text };
  if (value instanceof PlainDate) return { $type: "date", value: value.toString() };
  if (value instanceof PlainTime) return { $type: "time", value: value.toString() };
  if (value instanceof Decimal) return { $type: "decimal", value: value.toString() };
  if (value instanceof Uuid) return { $type: "uuid", value: value.toString() };
  if (value instanceof Uint8Array) return { $type: "bytes", value: encodeBase64(value) };
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member)]));
}
