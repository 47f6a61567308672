import { pipeAll } from "./composite/pipe.js";
import { appsOf } from "./start/apps.js";
import type { AnyStep, Checked, FirstOf, LastOf, RestOf, ResultOf } from "./step.js";
import type { Workflow } from "./workflow.js";
import { createWorkflow } from "./workflow.js";

/**
 * One step after another, each given the result of the one before it. Chains inside are unfolded; a group followed by a
 * step becomes a chord; a group of one becomes its member. No steps: an empty chain, which sends nothing.
 * @see Celery user guide, "Canvas", chains.
 */
export function chain<const Steps extends readonly AnyStep[]>(
  ...steps: Steps extends Checked<Steps> ? Steps : Checked<Steps>
): Workflow<RestOf<FirstOf<Steps>>, ResultOf<LastOf<Steps>>> {
  const list: readonly AnyStep[] = steps as readonly AnyStep[]; // mismatches do not compile
  return createWorkflow(pipeAll(list.map((step) => step.toJSON())), appsOf(list));
}
