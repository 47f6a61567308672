import type { ResultTuple, SendOptions, SignatureLike, WireSignature } from "@celeriac/core";
import { optionsToWire } from "@celeriac/core";
import { sentForm } from "../composite/sent-form.js";
import type { FreezeContext } from "../freeze/placement.js";
import { rootOf, toTuple } from "../freeze/result-node.js";
import type { Ancestry, PlannedStep } from "./planned-task.js";
import type { Added } from "./send.js";
import { send } from "./send.js";

export interface PlanOptions extends FreezeContext, Ancestry {
  /** Put before the workflow's own arguments. */
  readonly args?: readonly unknown[];
  /** As for a call of a task. A chain gives them to its first step, a group to all, a chord to header and body. */
  readonly options?: SendOptions;
}

export interface Plan {
  /** To be done in this order. */
  readonly steps: readonly PlannedStep[];
  /** The workflow's result with its parents; null for an empty chain, which has none. */
  readonly result: ResultTuple | null;
  /** What a task that sends it records as its child: the first that is sent, a whole group for a group or chord. */
  readonly child: ResultTuple | null;
}

/**
 * What to publish and to store now so that a workflow runs, and where its result will be. Nothing is sent. The same
 * workflow and the same ids give the same plan.
 * @throws ArgumentError for what cannot be meant, such as a link on a group; DurationError.
 */
export function plan(workflow: SignatureLike, options: PlanOptions): Plan {
  const { args = [], options: { kwargs = {}, ...call } = {}, ...context } = options;
  return planWire(sentForm(workflow), { args, kwargs, options: optionsToWire(call) }, context);
}

/** The same for a dictionary and what is added to it in wire names. @throws like `plan`. */
export function planWire(signature: WireSignature, added: Added, context: FreezeContext & Ancestry): Plan {
  const steps: PlannedStep[] = [];
  const result = send(signature, added, { ...context, emit: (step) => steps.push(step) });
  if (result === undefined) return { steps, result: null, child: null };
  return { steps, result: toTuple(result), child: toTuple(rootOf(result)) };
}
