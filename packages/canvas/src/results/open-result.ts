import type { App, ResultTuple } from "@celeriac/core";
import type { GroupResult } from "./group-result.js";
import { MemberResults } from "./group-result.js";
import type { ResultSource } from "./result-source.js";
import { backendOf } from "./result-source.js";
import { TaskResult } from "./task-result.js";
import type { WorkflowHandle } from "./workflow-handle.js";

/** Makes handles of one source. */
export function createSource(parts: Omit<ResultSource, "open">): ResultSource {
  const source: ResultSource = {
    ...parts,
    open: (tuple) => (tuple[1] === null ? new TaskResult(source, tuple) : new MemberResults(source, tuple)),
  };
  return source;
}

/**
 * A handle for a result that was passed on or stored as a tuple, parents and members included; also for the handle of a
 * plain task, to look at what it has sent: `resultFromTuple(app, handle.asTuple()).children()`.
 * @see Celery `result_from_tuple`.
 */
export function resultFromTuple<Result = unknown>(app: App, tuple: ResultTuple): WorkflowHandle<Result> {
  return createSource({ app, backend: app.backend }).open(tuple) as WorkflowHandle<Result>; // the caller's promise
}

/**
 * A group whose result was saved, undefined when nothing is stored under the id.
 * @throws BackendError `BACKEND_MISSING` and others.
 * @see Celery `GroupResult.restore`.
 */
export async function restoreGroup<Results = unknown[]>(
  app: App,
  id: string,
): Promise<GroupResult<Results> | undefined> {
  const source = createSource({ app, backend: app.backend });
  const tuple = await backendOf(source, `Group ${id}`).groups.restore(id);
  return tuple === undefined ? undefined : new MemberResults<Results>(source, [tuple[0], tuple[1] ?? []]);
}

/** Whether a result is a group's. */
export function isGroupResult(handle: object): handle is GroupResult<unknown[]> {
  return handle instanceof MemberResults;
}
