import type { App, WireSignature } from "@celeriac/core";
import { callbacksIn } from "../composite/links.js";
import { textIn } from "../composite/merge.js";
import { bodyOf, isSignature, kindOf, membersOf } from "../composite/parts.js";
import type { PlannedStep } from "../plan/planned-task.js";
import type { TaskNote } from "../results/result-source.js";

/** What the call says wins over the task, which wins over the settings. */
export function ignoresResult(app: App, task: string, own: unknown): boolean {
  if (typeof own === "boolean") return own;
  return app.tasks.get(task)?.sendDefaults.ignoreResult ?? app.settings.taskIgnoreResult;
}

/** Names of all planned tasks by id, of those that are sent later too, and whether their results are kept. */
export function taskNotes(app: App, steps: readonly PlannedStep[]): ReadonlyMap<string, TaskNote> {
  const notes = new Map<string, TaskNote>();
  const note = (id: string, name: string, own: unknown): void => {
    notes.set(id, { name, isIgnored: ignoresResult(app, name, own) });
  };
  const seen = new Set<WireSignature>(); // a body is in each message of its header
  const visit = (signature: WireSignature): void => {
    if (seen.has(signature)) return;
    seen.add(signature);
    const { options, task } = signature;
    const kind = kindOf(signature);
    const id = textIn(options, "task_id");
    if (kind === "task" && id !== undefined) note(id, task, options.ignore_result);
    if (kind !== "task") membersOf(signature).forEach(visit);
    if (kind === "chord") visit(bodyOf(signature));
    if (Array.isArray(options.chain)) options.chain.filter(isSignature).forEach(visit);
    if (isSignature(options.chord)) visit(options.chord);
    callbacksIn(options, "link").forEach(visit);
  };
  for (const step of steps) {
    if (step.kind !== "publish") continue;
    const { id, task, options, embed } = step.task;
    note(id, task, options.ignoreResult);
    embed.chain?.forEach(visit);
    if (embed.chord !== null) visit(embed.chord);
  }
  return notes;
}
