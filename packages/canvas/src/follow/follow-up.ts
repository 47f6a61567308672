import type { Embed, ResultTuple, TaskRequest, WireSignature } from "@celeriac/core";
import type { WireOptions } from "../composite/merge.js";
import { isGiven } from "../composite/merge.js";
import { planWire } from "../plan/plan.js";
import type { PlannedStep } from "../plan/planned-task.js";
import { followerIds } from "./follower-ids.js";

/** What has to be known of a task to send what follows it. */
export type FollowedTask = Pick<
  TaskRequest,
  "id" | "rootId" | "group" | "groupIndex" | "priority" | "replyTo" | "replacedTaskNesting"
> & { readonly embed: Embed };

/** Settings that change what is sent. */
export interface FollowSettings {
  /** `task_allow_error_cb_on_chord_header`. */
  readonly errbacksOnChordHeader: boolean;
  /** `task_inherit_parent_priority`. */
  readonly inheritPriority: boolean;
}

/** What to do after a task, in order. */
export interface FollowUp {
  readonly steps: readonly PlannedStep[];
  /** What the task records as its children. */
  readonly children: readonly ResultTuple[];
}

export interface Following {
  /** Where the signature stands in its task, for its ids: `link:0`. */
  readonly place: string;
  readonly args: readonly unknown[];
  /** Wire names. */
  readonly options?: WireOptions;
}

/**
 * A signature that a task leads to, as messages: the finished task is their parent, and its priority theirs when they have
 * none of their own. The same task and place give the same ids.
 */
export function planFollower(
  task: FollowedTask,
  signature: WireSignature,
  { place, args, options = {} }: Following,
  settings: FollowSettings,
): FollowUp {
  const inherits = settings.inheritPriority && task.priority !== null && !isGiven(signature.options.priority);
  const added = { args, kwargs: {}, options: inherits ? { ...options, priority: task.priority } : options };
  const { steps, child } = planWire(signature, added, {
    newId: followerIds(task.id, place),
    rootId: task.rootId,
    parentId: task.id,
    errbacksOnChordHeader: settings.errbacksOnChordHeader,
    ...(task.replyTo === null ? {} : { replyTo: task.replyTo }),
  });
  return { steps, children: child === null ? [] : [child] };
}

export function joinFollowUps(parts: readonly FollowUp[]): FollowUp {
  return { steps: parts.flatMap(({ steps }) => steps), children: parts.flatMap(({ children }) => children) };
}
