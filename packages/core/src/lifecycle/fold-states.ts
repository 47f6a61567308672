/**
 * What is left of several stores for one task: the last one, or the first SUCCESS, which nothing follows. A statement that
 * touched a record twice would fail, or do so in any order.
 */
export function foldStates<T>(
  records: readonly T[],
  stateOf: (record: T) => { readonly taskId: unknown; readonly status: unknown },
): readonly T[] {
  const kept = new Map<unknown, T>();
  const succeeded = new Set<unknown>();
  for (const record of records) {
    const { taskId, status } = stateOf(record);
    if (succeeded.has(taskId)) continue;
    kept.set(taskId, record);
    if (status === "SUCCESS") succeeded.add(taskId);
  }
  return [...kept.values()];
}
