import type { TaskHistory } from "./task-history.js";
import { finalEnd, isAccepted } from "./task-history.js";

/** Accepted and ended tasks whose stored result is absent or says something else than the body did. */
export interface ResultFaults {
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
}

const FINAL: ReadonlySet<string> = new Set(["SUCCESS", "FAILURE", "REVOKED"]);

/** @param statuses - What the result store holds, by task id. */
export function checkResults(tasks: readonly TaskHistory[], statuses: ReadonlyMap<string, string>): ResultFaults {
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const task of tasks) {
    const end = finalEnd(task);
    if (!isAccepted(task) || end === undefined) continue;
    const status = statuses.get(task.id);
    if (status === undefined || !FINAL.has(status)) missing.push(task.id);
    else if (status !== (end === "ok" ? "SUCCESS" : "FAILURE")) wrong.push(`${task.id} ${status}`);
  }
  return { missing, wrong };
}
