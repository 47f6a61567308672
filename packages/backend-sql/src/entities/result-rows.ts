/**
 * What the entities hold, and what it means.
 * @module
 */
import type { ResultTuple } from "@celeriac/core/ports";
import type { ResultMeta } from "@celeriac/core/protocol";
import { writeDate } from "../dialect/read-value.js";
import { decodeGroupRow } from "../groups/group-row.js";
import type { ResultColumnForm } from "../options/backend-settings.js";
import { decodeRow } from "../results/result-row.js";

/** A row of `celery_taskmeta`. `result` is a pickle, or JSON text: see `readTaskRow`. */
export interface TaskResultRow {
  readonly id: number;
  readonly taskId: string | null;
  readonly status: string | null;
  readonly result: Buffer | null;
  /** When it was done, or last stored. */
  readonly dateDone: Date | null;
  readonly traceback: string | null;
  /** From here on with `result_extended`: the task, its arguments as JSON, who ran it. */
  readonly name: string | null;
  readonly args: Buffer | null;
  readonly kwargs: Buffer | null;
  readonly worker: string | null;
  readonly retries: number | null;
  readonly queue: string | null;
  /** JSON of what Celery has no column for: children, group, parent, stamps. */
  readonly celeriacExtra: string | null;
}

/** A row of `celery_tasksetmeta`. `result` is a pickle: see `readGroupRow`. */
export interface GroupResultRow {
  readonly id: number;
  readonly tasksetId: string | null;
  readonly result: Buffer | null;
  readonly dateDone: Date | null;
  /** JSON of the whole result tuple, which the pickle has no parent in. */
  readonly celeriacExtra: string | null;
}

export interface ReadTaskRowOptions {
  /** As of the backend that stored it. Default `pickle`. */
  readonly resultColumn?: ResultColumnForm;
}

/**
 * What the backend's `fetch` makes of the row, `undefined` for one without a state. The pickle is read by an allow-list and
 * never executed. It takes the whole row, since the state says whether a result is an exception.
 * @throws DecodeError `E_RESULT` for a result that is not plain data.
 */
export function readTaskRow(row: TaskResultRow, options: ReadTaskRowOptions = {}): ResultMeta | undefined {
  const { taskId, dateDone, celeriacExtra, ...same } = row;
  const columns = {
    ...same,
    task_id: taskId,
    date_done: dateDone === null ? null : writeDate(dateDone.getTime()),
    celeriac_extra: celeriacExtra,
  };
  // The column has been read; how long it may be was a question before that.
  const maxBytes = row.result?.length ?? 0;
  return decodeRow(columns, { form: options.resultColumn ?? "pickle", maxBytes });
}

/**
 * The result tuple of a saved group; `undefined` when nothing is in the row.
 * @throws DecodeError `E_RESULT`
 */
export function readGroupRow(row: GroupResultRow): ResultTuple | undefined {
  return decodeGroupRow({ result: row.result, celeriac_extra: row.celeriacExtra });
}
