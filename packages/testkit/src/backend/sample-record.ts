import type { ResultRecord, TaskState } from "@celeriac/core/protocol";
import { isReady } from "@celeriac/core/protocol";

/** A whole millisecond, because some stores keep no more. */
export const DONE_AT_MS: number = Date.UTC(2026, 10, 20, 12, 35, 39, 137);

/** A record as a worker stores it; `value` becomes its result. */
export function sampleRecord(
  taskId: string,
  status: TaskState = "SUCCESS",
  value: unknown = 5,
  changes: Partial<ResultRecord> = {},
): ResultRecord {
  return {
    taskId,
    status,
    result: JSON.stringify(value),
    traceback: null,
    children: [],
    dateDoneMs: isReady(status) ? DONE_AT_MS : null,
    ...changes,
  };
}

/** A failure as data. PROTOCOL 7.3. */
export const sampleFailure = {
  exc_type: "ValueError",
  exc_message: ["boom", 3],
  exc_module: "builtins",
} as const;
