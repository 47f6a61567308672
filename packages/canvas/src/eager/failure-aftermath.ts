/**
 * What a failure leads to in a workflow that runs here: as `planFailure` of a worker decides it, without a message.
 * @see PROTOCOL section 8, "Failure".
 * @module
 */
import type { App, TaskRequest, WireException, WireSignature } from "@celeriac/core";
import { callDirectly, decodeException } from "@celeriac/core";
import type { ChordPlace } from "../follow/dead-ends.js";
import { deadEnds, orphanedErrbacks } from "../follow/dead-ends.js";
import { planErrbacks } from "../follow/errbacks.js";
import type { FollowedTask, FollowSettings } from "../follow/follow-up.js";
import type { HeaderResults } from "../follow/join.js";
import { bodyException } from "../follow/join.js";
import type { PlannedStep } from "../plan/planned-task.js";

interface Failure {
  readonly exception: WireException;
  readonly traceback: string | null;
}

/** A task that will never run. */
interface Abandoned extends Failure {
  readonly id: string;
  readonly chord: ChordPlace | null;
}

/** What an error callback is told of the task that failed. */
type FailedTask = Pick<TaskRequest, "id" | "task" | "args" | "kwargs" | "rootId" | "parentId" | "group">;

export interface ErrbackCall extends Failure {
  readonly signature: WireSignature;
  readonly failed: FailedTask;
}

export interface Aftermath {
  readonly abandoned: readonly Abandoned[];
  /** Error callbacks that take the error itself. */
  readonly called: readonly ErrbackCall[];
  readonly steps: readonly PlannedStep[];
}

/** After a task that has failed: steps that will never run fail too, error callbacks are told. */
export function afterFailure(app: App, request: TaskRequest, failure: Failure, settings: FollowSettings): Aftermath {
  const { chain, errbacks } = request.embed;
  const later = [...(chain ?? [])].reverse().flatMap(deadEnds);
  const abandoned = later.map(({ id, chord }) => ({ id, chord, ...failure }));
  return { abandoned, ...told(app, request, request, errbacks ?? [], failure, settings) };
}

/** After a member of a header has failed: its body fails with that. @param finisher - The member that came last. */
export function afterBodyFailure(
  app: App,
  body: WireSignature,
  { taskId, exception }: Extract<HeaderResults, { readonly kind: "failed" }>,
  finisher: FollowedTask,
  settings: FollowSettings,
): Aftermath {
  const failure = { exception: bodyException(body, taskId, exception), traceback: null };
  const abandoned = deadEnds(body).map(({ id, chord }) => ({ id, chord, ...failure }));
  const all = orphanedErrbacks(body).map(({ task, id, errbacks }) => {
    const { rootId, group } = finisher;
    const { task: name, args, kwargs } = task;
    const failed = { id, task: name, args, kwargs, rootId, parentId: finisher.id, group };
    return told(app, { ...finisher, id, priority: null }, failed, errbacks, failure, settings);
  });
  return {
    abandoned,
    called: all.flatMap(({ called }) => called),
    steps: all.flatMap(({ steps }) => steps),
  };
}

function told(
  app: App,
  task: FollowedTask,
  failed: FailedTask,
  errbacks: readonly WireSignature[],
  failure: Failure,
  settings: FollowSettings,
): Pick<Aftermath, "called" | "steps"> {
  const takesError = ({ task: name }: WireSignature): boolean => {
    const definition = app.tasks.get(name);
    return definition !== undefined && definition.style === "positional" && definition.arity > 1;
  };
  const { sent, called } = planErrbacks(task, errbacks, takesError, settings);
  return { called: called.map((signature) => ({ signature, failed, ...failure })), steps: sent.steps };
}

/** Calls one with the request, the error and the traceback, before its own arguments. What it throws is only logged. */
export async function callErrback(app: App, call: ErrbackCall): Promise<void> {
  const { signature, failed, exception, traceback } = call;
  const definition = app.tasks.get(signature.task);
  if (definition === undefined) return;
  const { id, task, args, kwargs, rootId, parentId, group } = failed;
  const error = decodeException(exception, { taskId: id, traceback, state: "FAILURE" });
  const told = { id, task, args, kwargs, retries: 0, rootId, parentId, group };
  try {
    await callDirectly(app, definition, [told, error, traceback, ...signature.args]);
  } catch (failure) {
    app.logger.error({ taskId: id, task: signature.task, error: String(failure) }, "an error callback has failed");
  }
}
