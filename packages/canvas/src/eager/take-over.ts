import type { App, EagerRecord, TaskRequest, WireSignature } from "@celeriac/core";
import { CeleriacError } from "@celeriac/core";
import { planReplacement } from "../follow/replacement.js";
import { EagerEngine } from "./eager-engine.js";

/** Runs a workflow in place of a task that has replaced itself in eager mode; its result is the task's. */
export async function takeOverEagerly(app: App, task: TaskRequest, signature: WireSignature): Promise<EagerRecord> {
  const engine = new EagerEngine(app);
  const { taskAllowErrorCbOnChordHeader, taskInheritParentPriority } = app.settings;
  const settings = {
    errbacksOnChordHeader: taskAllowErrorCbOnChordHeader,
    inheritPriority: taskInheritParentPriority,
  };
  await engine.run(planReplacement(task, signature, settings).steps);
  await engine.closeOpen(task.id);
  const record = engine.results.read(task.id);
  if (record === undefined) throw new CeleriacError(`Task ${task.id} has no result.`, { code: "NO_RESULT" });
  return { record, progress: engine.results.reportsOf(task.id) };
}
