import type { SignatureLike, WireSignature } from "@celeriac/core";

/** A workflow as text: `chain(a, chord([b, c], d))`. */
export function draw(workflow: SignatureLike | WireSignature): string {
  const { task, kwargs, subtask_type: kind } = "toJSON" in workflow ? workflow.toJSON() : workflow;
  if (kind === null) return task;
  const list = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(draw).join(", ");
    return list((value as WireSignature).kwargs.tasks); // a header that has become a group
  };
  if (kind !== "chord") return `${kind}(${list(kwargs.tasks)})`;
  return `chord([${list(kwargs.header)}], ${draw(kwargs.body as WireSignature)})`; // what chords hold
}

/** Names of the tasks in it, in order; callbacks do not count. */
export function leavesOf(workflow: SignatureLike | WireSignature): readonly string[] {
  return draw(workflow).match(/\b[a-z]\w*\b(?!\()/g) ?? [];
}
