/**
 * What a failure leads to: the chord hears of it, steps that will never run fail too, error callbacks are told. Pure.
 * @see PROTOCOL section 8, "Failure".
 * @module
 */
import type {
  ChordEntry,
  ChordPart,
  ResultTuple,
  Settings,
  TaskDefinition,
  TaskRequest,
  WireException,
  WireSignature,
} from "@celeriac/core";
import { encodeJson } from "@celeriac/core";
import { chordSizeIn } from "../plan/chord-size.js";
import type { Consequence, FailedRequest } from "./consequence.js";
import type { ChordPlace } from "./dead-ends.js";
import { deadEnds, orphanedErrbacks } from "./dead-ends.js";
import { planErrbacks } from "./errbacks.js";
import type { FollowedTask } from "./follow-up.js";
import { followerIds } from "./follower-ids.js";
import { bodyException } from "./join.js";
import { followSettings } from "./settings.js";
import { encodeTold, untold } from "./told-errbacks.js";

export interface FailureContext {
  readonly settings: Settings;
  readonly tasks: ReadonlyMap<string, TaskDefinition>;
  readonly nowMs: number;
}

export interface Failure {
  readonly exception: WireException;
  readonly traceback: string | null;
}

/** Of a task that never ran. */
interface Abandonment extends Failure {
  readonly children: readonly ResultTuple[] | null;
  /** Error callbacks that are told of it here, so that a chord around it does not tell them again. */
  readonly told: readonly WireSignature[];
}

/** After the task's own state is stored. @param stores - Whether errors of this task are stored at all. */
export function planFailure(
  request: TaskRequest,
  failure: Failure,
  stores: boolean,
  context: FailureContext,
): readonly Consequence[] {
  const { chain, errbacks } = request.embed;
  const later = (chain ?? []).flatMap(deadEnds);
  return [
    ...planPart(request, "FAILURE", encodeJson(failure.exception)),
    ...later.flatMap(({ id, chord }) =>
      abandon(id, chord, { ...failure, children: null, told: [] }, stores, request, context),
    ),
    ...tellErrbacks(request, request, errbacks ?? [], failure, context).consequences,
  ];
}

/** A completion of the header that the task is in, if it is in one. */
export function planPart(
  { id: taskId, group: groupId, groupIndex, embed: { chord } }: FollowedTask,
  status: ChordPart["status"],
  result: string,
): readonly Consequence[] {
  if (chord === null || groupId === null) return [];
  const part = { groupId, taskId, groupIndex, status, result, size: chordSizeIn(chord) };
  return [{ kind: "part", part, body: chord }];
}

/** The member of a header that failed. */
export interface FailedMember {
  readonly taskId: string;
  readonly exception: WireException;
}

/**
 * A chord's body that will never run because of a member of its header.
 * @param entries - The header's completions.
 * @param finisher - The member of the header that found out.
 */
export function planBodyFailure(
  body: WireSignature,
  { taskId, exception }: FailedMember,
  entries: readonly ChordEntry[],
  finisher: FollowedTask,
  context: FailureContext,
): readonly Consequence[] {
  return abandonBody(body, bodyException(body, taskId, exception), finisher, context, entries);
}

/** The same with the exception it gets, also for a body that cannot be sent. */
export function abandonBody(
  body: WireSignature,
  exception: WireException,
  finisher: FollowedTask,
  context: FailureContext,
  entries: readonly ChordEntry[] = [],
): readonly Consequence[] {
  const failure = { exception, traceback: null };
  const orphans = orphanedErrbacks(body);
  const outcomes = new Map(
    orphans.map(({ task, id, errbacks }) => {
      const orphan = { ...finisher, id, priority: null };
      const failed = { ...failedRequest(task, orphan), parentId: finisher.id };
      return [id, tellErrbacks(orphan, failed, untold(errbacks, entries), failure, context)];
    }),
  );
  const told = orphans.flatMap(({ errbacks }) => errbacks);
  const stored = deadEnds(body).flatMap(({ id, chord }) => {
    const children = outcomes.get(id)?.children ?? null;
    return abandon(id, chord, { ...failure, children, told }, true, finisher, context);
  });
  return [...stored, ...[...outcomes.values()].flatMap(({ consequences }) => consequences)];
}

function abandon(
  id: string,
  chord: ChordPlace | null,
  { exception, traceback, children, told }: Abandonment,
  stores: boolean,
  { id: parentId, replyTo }: FollowedTask,
  { nowMs }: FailureContext,
): readonly Consequence[] {
  const result = encodeJson(exception);
  const record = {
    taskId: id,
    status: "FAILURE",
    result,
    traceback,
    children,
    dateDoneMs: nowMs,
    parentId,
    ...(replyTo === null ? {} : { replyTo }),
  };
  const part: readonly Consequence[] =
    chord === null
      ? []
      : [
          {
            kind: "part",
            part: {
              groupId: chord.groupId,
              taskId: id,
              groupIndex: chord.groupIndex,
              status: "FAILURE",
              result: encodeTold(exception, told),
              size: chordSizeIn(chord.body),
            },
            body: chord.body,
          },
        ];
  return stores ? [{ kind: "store", record }, ...part] : part;
}

interface Told {
  readonly consequences: readonly Consequence[];
  /** The errbacks that are sent, as one group: how Celery records them with a body that failed. */
  readonly children: readonly ResultTuple[] | null;
}

function tellErrbacks(
  task: FollowedTask,
  failed: FailedRequest,
  errbacks: readonly WireSignature[],
  { exception, traceback }: Failure,
  { settings, tasks }: FailureContext,
): Told {
  if (errbacks.length === 0) return { consequences: [], children: null };
  const takesError = ({ task: name }: WireSignature): boolean => isNewStyle(tasks.get(name));
  const { sent, called } = planErrbacks(task, errbacks, takesError, followSettings(settings));
  const calls = called.map((signature): Consequence => {
    const { id, task: name, args, kwargs, retries, rootId, parentId, group } = failed;
    const told = { id, task: name, args, kwargs, retries, rootId, parentId, group };
    return { kind: "errback", call: { signature, failed: told, exception, traceback } };
  });
  if (sent.steps.length === 0) return { consequences: calls, children: null };
  const groupId = followerIds(task.id, "link_error")();
  return {
    consequences: [...calls, { kind: "send", steps: sent.steps }],
    children: [[[groupId, null], sent.children]],
  };
}

/** Known here, and takes more than the id. Bound tasks get the id, as in Celery: they may want to be retried. */
function isNewStyle(definition: TaskDefinition | undefined): boolean {
  return definition !== undefined && definition.style === "positional" && definition.arity > 1;
}

function failedRequest({ task, args, kwargs }: WireSignature, { id, rootId, group }: FollowedTask): FailedRequest {
  return { id, task, args, kwargs, retries: 0, rootId, parentId: null, group };
}
