import { appendFileSync } from "node:fs";
import type { App } from "@celeriac/core";
import { TaskError } from "@celeriac/core";

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
  // Bound: an errback with several parameters of its own would be called with the request and the error instead of sent.
  app.task(
    "interop.note_failure",
    { bind: true, params: ["task_id", "path"] },
    (_context, taskId: string, path: string) => {
      appendFileSync(path, `typescript failure ${taskId}\n`);
      return taskId;
    },
  );
  // More than one parameter makes it an errback of the newer style, called in the worker of the task that failed.
  app.task(
    "interop.note_failure_inline",
    { params: ["request", "exc", "traceback", "path"] },
    (request: { readonly id: string }, error: unknown, _traceback: unknown, path: string) => {
      const name = error instanceof TaskError ? error.pyType : String(error);
      appendFileSync(path, `typescript inline ${request.id} ${name}\n`);
      return null;
    },
  );
  app.task("interop.note_time", { params: ["path", "text"] }, (path: string, text: string = "") => {
    const seconds = Date.now() / 1000;
    appendFileSync(path, `typescript ${seconds} ${text}\n`);
    return seconds;
  });
}
