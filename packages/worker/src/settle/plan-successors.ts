import type { TaskRequest, WireSignature } from "@celeriac/core";
import { decodeJson } from "@celeriac/core";
import type { Effect } from "./effect.js";

/**
 * Callbacks and the next step of a chain, each with the result put before its own arguments. @see PROTOCOL 11.3.
 * @param result - JSON text of the return value; decoded only when somebody wants it.
 */
export function successorEffects(request: TaskRequest, result: string): readonly Effect[] {
  const { callbacks, chain } = request.embed;
  const next = chain?.at(-1);
  if ((callbacks === null || callbacks.length === 0) && next === undefined) return [];
  const value = decodeJson(result);
  const effects: Effect[] = (callbacks ?? []).map((signature) => call(signature, [value], null));
  if (next !== undefined) effects.push(call(next, [value], chain?.slice(0, -1) ?? []));
  return effects;
}

/** Error callbacks get the id of the failed task. @see PROTOCOL 11.3, "Errbacks". */
export function errbackEffects(request: TaskRequest): readonly Effect[] {
  return (request.embed.errbacks ?? []).map((signature) => call(signature, [request.id], null));
}

function call(signature: WireSignature, args: readonly unknown[], rest: readonly WireSignature[] | null): Effect {
  return { kind: "call", signature, args, rest };
}
