import { decodeSignature } from "./composite/decode-signature.js";
import type { Workflow } from "./workflow.js";
import { createWorkflow } from "./workflow.js";

/**
 * A dictionary from anywhere, such as a Python program, as a workflow. What is well formed comes out of `toJSON` as it
 * went in, members that we do not know included; members left out count as empty.
 * @throws ArgumentError naming the part that is no signature.
 */
export function fromJSON<Rest extends readonly unknown[] = readonly unknown[], Result = unknown>(
  value: unknown,
): Workflow<Rest, Result> {
  return createWorkflow(decodeSignature(value));
}
