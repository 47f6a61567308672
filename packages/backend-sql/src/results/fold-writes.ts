import type { ResultRow } from "./result-row.js";

/**
 * What is left of several stores for one task: the last one, or the first SUCCESS, which nothing follows. One statement
 * cannot touch a row twice.
 */
export function foldWrites(rows: readonly ResultRow[]): readonly ResultRow[] {
  const kept = new Map<unknown, ResultRow>();
  for (const row of rows) {
    if (kept.get(row.task_id)?.status !== "SUCCESS") kept.set(row.task_id, row);
  }
  return [...kept.values()];
}
