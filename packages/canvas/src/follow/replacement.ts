import type { WireSignature } from "@celeriac/core";
import { linkErrorTo, linkTo } from "../composite/links.js";
import { isGiven } from "../composite/merge.js";
import { isEmptyChain, kindOf, makeChord, membersOf, withMembers } from "../composite/parts.js";
import type { FollowedTask, FollowSettings, FollowUp } from "./follow-up.js";
import { planFollower } from "./follow-up.js";
import { ReplacementError } from "./replacement-error.js";

/** What collects the results of a group that replaces a task. */
const ACCUMULATE: WireSignature = {
  task: "celery.accumulate",
  args: [],
  kwargs: { index: 0 },
  options: {},
  subtask_type: null,
  immutable: false,
};

/**
 * What takes a task's place: it gets the task's id, callbacks and errbacks, its place in a chord, and the rest of its
 * chain. A group becomes a chord whose body returns the list.
 * @throws ReplacementError for an empty chain, and for what is part of another chord.
 * @see PROTOCOL 11.4; Celery `Task.replace`.
 */
export function planReplacement(task: FollowedTask, signature: WireSignature, settings: FollowSettings): FollowUp {
  if (isGiven(signature.options.chord)) {
    throw new ReplacementError("What replaces a task must not be part of a chord: it takes the task's own place.");
  }
  if (isEmptyChain(signature)) {
    throw new ReplacementError("Cannot replace with an empty chain: it returns nothing that could stand for the task.");
  }
  const { callbacks, errbacks, chain, chord } = task.embed;
  const nesting = task.replacedTaskNesting + 1;
  const whole = kindOf(signature) === "group" ? makeChord(signature, ACCUMULATE) : signature;
  const linked = (callbacks ?? []).reduce(linkTo, whole);
  const guarded = (errbacks ?? []).reduce(
    (sofar, errback) => linkErrorTo(sofar, errback, { errbacksOnChordHeader: settings.errbacksOnChordHeader }),
    linked,
  );
  const options = {
    task_id: task.id,
    ...(chord === null ? {} : { chord }),
    ...(task.group === null ? {} : { group_id: task.group }),
    ...(task.groupIndex === null ? {} : { group_index: task.groupIndex }),
    ...(chain === null ? {} : { chain: chain.map((step) => nestedIn(step, nesting)) }),
    replaced_task_nesting: nesting,
  };
  const nested =
    kindOf(guarded) === "chain"
      ? withMembers(
          guarded,
          membersOf(guarded).map((step) => nestedIn(step, nesting)),
        )
      : guarded;
  return planFollower(task, nested, { place: "replace", args: [], options }, settings);
}

function nestedIn(step: WireSignature, nesting: number): WireSignature {
  return { ...step, options: { ...step.options, replaced_task_nesting: nesting } };
}
