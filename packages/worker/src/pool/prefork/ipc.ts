/**
 * What parent and child say to each other: JSON over the fork channel, one object a message.
 * Every message about a run carries its sequence number, so that a late answer is never taken for another task's.
 * @module
 */
import type { Outcome } from "@celeriac/core";

/** A task message as it crosses to the child, which decodes it again: typed values survive as the bytes they came as. */
export interface WireMessage {
  /** Base64. */
  readonly body: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
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
  | { readonly type: "done"; readonly seq: number; readonly outcome: Outcome; readonly rssKiB: number }
  | {
      readonly type: "state";
      readonly seq: number;
      readonly call: number;
      readonly state: string;
      readonly meta: string;
    };

/** Whether a value from the channel is one of the child's messages; user code can write to the channel too. */
export function isFromChild(value: unknown): value is FromChild {
  if (typeof value !== "object" || value === null || !("type" in value)) return false;
  switch (value.type) {
    case "ready":
      return has(value, "pid", "number");
    case "failed":
      return has(value, "error", "string");
    case "done":
      return has(value, "seq", "number") && has(value, "outcome", "object");
    case "state":
      return (
        has(value, "seq", "number") &&
        has(value, "call", "number") &&
        has(value, "state", "string") &&
        has(value, "meta", "string")
      );
    default:
      return false;
  }
}

function has(value: object, key: string, type: "number" | "string" | "object"): boolean {
  return key in value && typeof (value as Readonly<Record<string, unknown>>)[key] === type;
}
