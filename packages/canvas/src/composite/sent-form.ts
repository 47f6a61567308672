import type { SignatureLike, WireSignature } from "@celeriac/core";

/** Chunks by themselves are sent as a group. */
export function sentForm(workflow: SignatureLike): WireSignature {
  return "group" in workflow && typeof workflow.group === "function" ? workflow.group().toJSON() : workflow.toJSON();
}
