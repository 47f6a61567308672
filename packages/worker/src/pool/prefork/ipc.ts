/**
 * What parent and child say to each other: JSON over the fork channel, one object a message. Every message about a run
 * carries its sequence number, so that a late answer is never taken for another task's. Whatever may hold more than plain
 * JSON (dates, bytes, big integers) travels as text of our own encoder.
 * @module
 */
import type { Message, ResultTuple } from "@celeriac/core";
import { decodeJson, encodeJson } from "@celeriac/core";

/** A task message as it crosses to the child, which decodes it again: typed values survive as the bytes they came as. */
export interface WireMessage {
  /** Base64. */
  readonly body: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** JSON text of `[headers, properties]`. */
  readonly meta: string;
}

export function toWireMessage(message: Message): WireMessage {
  const { body, contentType, contentEncoding, headers, properties } = message;
  return {
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64"),
    contentType,
    contentEncoding,
    meta: encodeJson([headers, properties]),
  };
}

export function fromWireMessage(wire: WireMessage): Message {
  const { contentType, contentEncoding } = wire;
  const [headers, properties] = decodeJson(wire.meta) as [Message["headers"], Message["properties"]]; // as encoded above
  return { body: Buffer.from(wire.body, "base64"), contentType, contentEncoding, headers, properties };
}

/** Where the child finds the app. */
export interface AppSource {
  /** File URL or absolute path of the module to import. */
  readonly module: string;
  /** Export that is the app or a function returning it; the only app among the exports when absent. */
  readonly exportName?: string;
  /** Passed to that function; JSON. */
  readonly argument?: unknown;
}

export type ToChild =
  | { readonly type: "init"; readonly source: AppSource; readonly hostname: string }
  | { readonly type: "run"; readonly seq: number; readonly message: WireMessage }
  | { readonly type: "soft-limit"; readonly seq: number; readonly seconds: number }
  | { readonly type: "stored"; readonly seq: number; readonly call: number; readonly error?: string };

export type FromChild =
  | { readonly type: "ready"; readonly pid: number; readonly tasks: number }
  | { readonly type: "failed"; readonly error: string }
  /** The most frequent outcome by far, so it is not encoded twice. */
  | {
      readonly type: "succeeded";
      readonly seq: number;
      readonly result: string;
      readonly children: readonly ResultTuple[];
      readonly rssKiB: number;
    }
  /** Any other outcome, as text. @see decodeOutcome */
  | { readonly type: "ended"; readonly seq: number; readonly outcome: string; readonly rssKiB: number }
  | {
      readonly type: "state";
      readonly seq: number;
      readonly call: number;
      readonly state: string;
      readonly meta: string;
    };

type Field = "number" | "string" | "list";

const FIELDS: ReadonlyMap<unknown, Readonly<Record<string, Field>>> = new Map<unknown, Record<string, Field>>([
  ["ready", { pid: "number" }],
  ["failed", { error: "string" }],
  ["succeeded", { seq: "number", result: "string", children: "list", rssKiB: "number" }],
  ["ended", { seq: "number", outcome: "string", rssKiB: "number" }],
  ["state", { seq: "number", call: "number", state: "string", meta: "string" }],
]);

/** Whether a value from the channel is one of the child's messages; user code can write to the channel too. */
export function isFromChild(value: unknown): value is FromChild {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  const fields = FIELDS.get(value.type);
  if (fields === undefined) return false;
  const members: Readonly<Record<string, unknown>> = { ...value };
  return Object.entries(fields).every(([name, type]) =>
    type === "list" ? Array.isArray(members[name]) : typeof members[name] === type,
  );
}
