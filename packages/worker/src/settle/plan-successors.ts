import type { TaskRequest, WireSignature } from "@celeriac/core";
import { decodeJson } from "@celeriac/core";
import type { Effect } from "./effect.js";
import { successorId } from "./successor-id.js";

type Call = Extract<Effect, { kind: "call" }>;

const NONE: readonly Call[] = [];

/**
 * Callbacks and the next step of a chain, each with the result put before its own arguments. @see PROTOCOL 11.3.
 * @param result - JSON text of the return value; decoded only when somebody wants it.
 */
export function planSuccessors(request: TaskRequest, result: string): readonly Call[] {
  const { callbacks, chain } = request.embed;
  const next = chain?.at(-1);
  if ((callbacks === null || callbacks.length === 0) && next === undefined) return NONE;
  const args = [decodeJson(result)];
  const calls = (callbacks ?? []).map((signature, index) => call(request, signature, args, `link:${index}`, null));
  if (next !== undefined) calls.push(call(request, next, args, "chain", chain?.slice(0, -1) ?? []));
  return calls;
}

/** Error callbacks get the id of the failed task. @see PROTOCOL 11.3, "Errbacks". */
export function planErrbacks(request: TaskRequest): readonly Call[] {
  const { errbacks } = request.embed;
  if (errbacks === null) return NONE;
  return errbacks.map((signature, index) => call(request, signature, [request.id], `link_error:${index}`, null));
}

function call(
  request: TaskRequest,
  signature: WireSignature,
  args: readonly unknown[],
  place: string,
  rest: readonly WireSignature[] | null,
): Call {
  const frozen = signature.options.task_id;
  const taskId = typeof frozen === "string" && frozen !== "" ? frozen : successorId(request.id, place);
  return { kind: "call", signature, taskId, args, rest };
}
