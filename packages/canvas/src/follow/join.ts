import type { ChordEntry, ResultTuple, WireException, WireSignature } from "@celeriac/core";
import { encodeException, pythonRepr } from "@celeriac/core";
import { kindOf } from "../composite/parts.js";
import { ChordError } from "./chord-error.js";
import type { FollowedTask, FollowSettings, FollowUp } from "./follow-up.js";
import { planFollower } from "./follow-up.js";

/** The results of a complete header: the list for its body, or why there is none. */
export type HeaderResults =
  | { readonly kind: "values"; readonly values: readonly unknown[] }
  | { readonly kind: "failed"; readonly taskId: string; readonly exception: WireException };

/**
 * @param group - The header as it was saved, when it holds groups: its list is nested like it.
 * @throws ChordError for a result that is missing.
 */
export function headerResults(entries: readonly ChordEntry[], group: ResultTuple | undefined): HeaderResults {
  const failed = entries.find(({ status }) => status === "FAILURE" || status === "REVOKED");
  if (failed !== undefined) {
    return { kind: "failed", taskId: failed.taskId, exception: exceptionIn(failed.result) };
  }
  if (group === undefined) return { kind: "values", values: entries.map(({ result }) => result) };
  const byId = new Map(entries.map(({ taskId, result }) => [taskId, result]));
  return { kind: "values", values: (group[1] ?? []).map((child) => valueAt(child, byId)) };
}

function valueAt([[id], children]: ResultTuple, byId: ReadonlyMap<string, unknown>): unknown {
  if (children !== null) return children.map((child) => valueAt(child, byId));
  if (byId.has(id)) return byId.get(id);
  throw new ChordError(`Join error: the result of ${id} is missing`);
}

/** Ids whose results a saved header needs. */
export function leavesOf([[id], children]: ResultTuple): readonly string[] {
  return children === null ? [id] : children.flatMap(leavesOf);
}

/** The body's messages. @param task - The member of the header that finished last. */
export function planBody(
  task: FollowedTask,
  body: WireSignature,
  values: readonly unknown[],
  settings: FollowSettings,
): FollowUp {
  return planFollower(task, body, { place: "chord", args: [values] }, settings);
}

/**
 * What a body fails with when a member of its header has. The members of a group as body get that member's own exception.
 * @see `celery/backends/base.py`, `_handle_group_chord_error`.
 */
export function bodyException(body: WireSignature, taskId: string, exception: WireException): WireException {
  if (kindOf(body) === "group") return exception;
  return encodeException(new ChordError(`Dependency ${taskId} raised ${exceptionRepr(exception)}`));
}

function exceptionRepr({ exc_type, exc_message }: WireException): string {
  return `${exc_type}(${exc_message.map((arg) => pythonRepr(arg)).join(", ")})`;
}

function exceptionIn(result: unknown): WireException {
  if (typeof result === "object" && result !== null && "exc_type" in result && typeof result.exc_type === "string") {
    const { exc_type, exc_message, exc_module } = result as Partial<WireException>; // whoever stored it, it has a type
    const args = Array.isArray(exc_message) ? exc_message : exc_message === undefined ? [] : [exc_message];
    return { exc_type: String(exc_type), exc_message: args, exc_module: exc_module ?? "builtins" };
  }
  return { exc_type: "Exception", exc_message: [pythonRepr(result)], exc_module: "builtins" };
}
