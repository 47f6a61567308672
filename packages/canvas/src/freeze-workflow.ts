import type { ResultTuple } from "@celeriac/core";
import { sentForm } from "./composite/sent-form.js";
import { freeze as freezeSignature } from "./freeze/freeze.js";
import type { FreezeContext } from "./freeze/placement.js";
import { toTuple } from "./freeze/result-node.js";
import type { Workflow } from "./workflow.js";
import { createWorkflow } from "./workflow.js";

export interface FrozenWorkflow<Rest extends readonly unknown[], Result> {
  readonly workflow: Workflow<Rest, Result>;
  readonly result: ResultTuple;
}

/**
 * The workflow with all its ids given, so that its result is known before it is sent. Planning it keeps the ids.
 * @throws ArgumentError for an empty chain, which has no result.
 */
export function freeze<Rest extends readonly unknown[], Result>(
  workflow: Workflow<Rest, Result>,
  options: FreezeContext,
): FrozenWorkflow<Rest, Result> {
  const frozen = freezeSignature(sentForm(workflow), {}, options);
  return { workflow: createWorkflow(frozen.signature, workflow["~apps"]), result: toTuple(frozen.result) };
}
