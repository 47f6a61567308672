/** Reading of the golden vectors in `vectors/`. */
import { readdirSync, readFileSync } from "node:fs";
import type { WireSignature } from "@celeriac/core";

interface CapturedMessage {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: readonly unknown[];
}

interface Vector {
  readonly name: string;
  readonly raw: readonly { readonly args: readonly string[] }[];
  readonly decoded: readonly { readonly message?: CapturedMessage }[];
}

const folder = new URL("./vectors/", import.meta.url);

export const vectors: ReadonlyMap<string, Vector> = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith(".redis.json"))
    .map((file) => [file.replace(/\.json$/, ""), JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Vector]),
);

export function vectorNamed(name: string): Vector {
  const vector = vectors.get(name);
  if (vector === undefined) throw new Error(`There is no vector ${name}`);
  return vector;
}

export function messagesOf(vector: Vector): readonly CapturedMessage[] {
  return vector.decoded.flatMap(({ message }) => (message === undefined ? [] : [message]));
}

/** What went to Redis, in order: `publish` per message, `size` per chord. */
export function orderOf(vector: Vector): readonly string[] {
  return vector.raw.flatMap(({ args: [command, key, , value] }) => {
    if (command === "LPUSH") return ["publish"];
    return command === "SETEX" && key?.endsWith(".s") === true ? [`size ${value}`] : [];
  });
}

/** Every signature inside a value, the ones within signatures included. */
export function signaturesIn(value: unknown): readonly WireSignature[] {
  if (Array.isArray(value)) return value.flatMap(signaturesIn);
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(signaturesIn);
  return "subtask_type" in value && "task" in value ? [value as WireSignature, ...inner] : inner; // the marks of one
}
