import type { Outcome } from "@celeriac/core";
import { decodeJson, encodeJson } from "@celeriac/core";

type Unsuccessful = Exclude<Outcome, { readonly kind: "success" }>;

/** An outcome as text: arguments of a retry and of exceptions may be anything that travels in messages. */
export function encodeOutcome(outcome: Unsuccessful): string {
  return encodeJson(outcome);
}

/** The reverse; `undefined` for what is no outcome, because code of a task can write to the channel too. */
export function decodeOutcome(text: string): Unsuccessful | undefined {
  let value: unknown;
  try {
    value = decodeJson(text);
  } catch {
    return undefined;
  }
  return isRecord(value) && isOutcome(value) ? (value as Unsuccessful) : undefined; // checked by isOutcome
}

function isOutcome(value: Readonly<Record<string, unknown>>): boolean {
  switch (value.kind) {
    case "failure":
      return isError(value) && typeof value.expected === "boolean";
    case "retry":
      return isError(value) && isRecord(value.plan) && typeof value.plan.dueAtMs === "number";
    case "replace":
      return isRecord(value.signature) && typeof value.signature.task === "string" && Array.isArray(value.children);
    case "ignore":
      return typeof value.reason === "string";
    case "reject":
      return typeof value.reason === "string" && typeof value.requeue === "boolean";
    default:
      return false;
  }
}

function isError({ exception, traceback, children }: Readonly<Record<string, unknown>>): boolean {
  return (
    isRecord(exception) &&
    typeof exception.exc_type === "string" &&
    Array.isArray(exception.exc_message) &&
    typeof traceback === "string" &&
    Array.isArray(children)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
