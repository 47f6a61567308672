import { appendFileSync } from "node:fs";
import type { App } from "@celeriac/core";

/**
 * Tasks that leave a line in a file, so that a test sees what ran, where and in which order, whatever happened to results.
 * `python/celeriac_peer/tasks.py` has the same. One write per line: lines of several processes do not mix.
 */
export function registerLedgerTasks(app: App): void {
  app.task("interop.note", (path: string, text: string) => {
    appendFileSync(path, `typescript ${text}\n`);
    return text;
  });
  app.task("interop.note_result", { params: ["value", "path"] }, (value: unknown, path: string) => {
    appendFileSync(path, `typescript result ${String(value)}\n`);
    return value;
  });
  app.task("interop.note_failure", { params: ["task_id", "path"] }, (taskId: string, path: string) => {
    appendFileSync(path, `typescript failure ${taskId}\n`);
    return taskId;
  });
  app.task("interop.note_time", { params: ["path", "text"] }, (path: string, text: string = "") => {
    const seconds = Date.now() / 1000;
    appendFileSync(path, `typescript ${seconds} ${text}\n`);
    return seconds;
  });
}
