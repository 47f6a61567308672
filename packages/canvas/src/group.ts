import type { Callbacks, SendOptions, WireSignature } from "@celeriac/core";
import type { ErrbackOptions } from "./composite/links.js";
import { makeGroup, membersOf, withMembers } from "./composite/parts.js";
import type { AnyStep, GroupRest, RestOf, ResultOf, ResultsOf } from "./step.js";
import type { Workflow } from "./workflow.js";
import { changesOf, createWorkflow } from "./workflow.js";

/** Countdowns in seconds: from `start`, one `step` more for each task, up to `stop`, which then repeats. */
export interface Skew {
  /** Default 1. */
  readonly start?: number;
  /** Default none. */
  readonly stop?: number;
  /** Default 1. */
  readonly step?: number;
}

/** Tasks at the same time; its result is the list of theirs. */
export interface Group<Rest extends readonly unknown[], Results> extends Workflow<Rest, Results> {
  set(options: SendOptions): Group<Rest, Results>;
  clone(args?: readonly unknown[], options?: SendOptions): Group<Rest, Results>;
  link(callbacks: Callbacks): Group<Rest, Results>;
  onError(errbacks: Callbacks, how?: ErrbackOptions): Group<Rest, Results>;
  /** Spreads the start of its tasks. */
  skew(options?: Skew): Group<Rest, Results>;
}

/**
 * Tasks at the same time, each given the same arguments before its own. Groups inside are unfolded when it is sent.
 * @see Celery user guide, "Canvas", groups.
 */
export function group<const Members extends readonly AnyStep[]>(
  ...members: Members
): Group<GroupRest<Members>, ResultsOf<Members>>;
/** From any iterable, such as a generator; it is read at once. */
export function group<Member extends AnyStep>(members: Iterable<Member>): Group<RestOf<Member>, ResultOf<Member>[]>;
export function group(...given: readonly (AnyStep | Iterable<AnyStep>)[]): Group<readonly unknown[], unknown> {
  const members = given.flatMap((item) => (Symbol.iterator in item ? [...item] : [item]));
  return createGroup(makeGroup(members.map((member) => member.toJSON())));
}

/** A group's dictionary as a workflow. */
export function createGroup<Rest extends readonly unknown[], Results>(wire: WireSignature): Group<Rest, Results> {
  const rebuild = (changed: WireSignature): Group<Rest, Results> => createGroup(changed);
  return {
    ...createWorkflow<Rest, Results>(wire),
    ...changesOf(wire, rebuild),
    skew: (options = {}) => rebuild(skewMembers(wire, options)),
  };
}

function skewMembers(wire: WireSignature, { start = 1, stop, step = 1 }: Skew): WireSignature {
  let countdown = start;
  const members = membersOf(wire).map((member, index) => {
    const next = start + index * step;
    if (stop === undefined || next <= stop) countdown = next;
    return { ...member, options: { ...member.options, countdown } };
  });
  return withMembers(wire, members);
}
