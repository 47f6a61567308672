import type { SendOptions, WireSignature } from "@celeriac/core";
import { optionsToWire } from "@celeriac/core";
import type { Workflow } from "./workflow.js";
import { createWorkflow } from "./workflow.js";

export interface SignatureOptions extends SendOptions {
  /** True: takes neither the result of the step before it nor further arguments. Default false. */
  readonly immutable?: boolean;
}

/**
 * A task's signature by name, without an app: it composes and plans, whoever sends it.
 * `signatureOf<[number], number>("tasks.add", [2])` still takes a number.
 */
export function signatureOf<Rest extends readonly unknown[] = readonly unknown[], Result = unknown>(
  name: string,
  args: readonly unknown[] = [],
  options: SignatureOptions = {},
): Workflow<Rest, Result> {
  const { immutable = false, kwargs = {}, ...rest } = options;
  const wire: WireSignature = {
    task: name,
    args,
    kwargs,
    options: optionsToWire(rest),
    subtask_type: null,
    immutable,
  };
  return createWorkflow(wire);
}
