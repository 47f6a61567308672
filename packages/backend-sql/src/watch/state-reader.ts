import type { PollingWatcherOptions, Reading } from "@celeriac/core/lifecycle";
import { readText } from "../dialect/read-value.js";
import type { Row } from "../dialect/statement.js";
import type { ResultColumnOptions } from "../results/result-column.js";
import { decodeRow } from "../results/result-row.js";
import type { ResultTable } from "../results/result-table.js";
import { selectMarks, selectResults } from "../results/task-statements.js";

/**
 * Reads states for the watcher. By its mark it knows what it has told already: every store of ours has a date of its own, down
 * to the microsecond, and Python's either a new one or another state.
 */
export function createStateReader(
  table: ResultTable,
  column: ResultColumnOptions,
): Pick<PollingWatcherOptions, "readStates" | "readMarks"> {
  return {
    async readStates(taskIds) {
      const rows = await table.rows(`reading ${taskIds.length} results`, ({ dialect, layout }) =>
        selectResults(dialect, layout.task, taskIds),
      );
      return new Map(rows.flatMap((row) => readingOf(row, column)));
    },
    async readMarks(taskIds) {
      const rows = await table.rows(`looking for ${taskIds.length} results`, ({ dialect, layout }) =>
        selectMarks(dialect, layout.task, taskIds),
      );
      return new Map(rows.map((row) => [readText(row.task_id) ?? "", readText(row.mark) ?? ""]));
    },
  };
}

/** None for a row without a state. */
function readingOf(row: Row, column: ResultColumnOptions): readonly (readonly [string, Reading])[] {
  const mark = readText(row.mark) ?? "";
  try {
    const meta = decodeRow(row, column);
    return meta === undefined ? [] : [[meta.taskId, { mark, meta }]];
  } catch (error) {
    return [[readText(row.task_id) ?? "", { mark, error }]];
  }
}
