import type { Callbacks, Sending, SendOptions, WireSignature } from "@celeriac/core";
import { makeImmutable } from "./composite/immutable.js";
import type { ErrbackOptions } from "./composite/links.js";
import { makeGroup, membersOf, withMembers } from "./composite/parts.js";
import type { Replacing } from "./composite/replace-parts.js";
import type { GroupResult } from "./results/group-result.js";
import type { StampingVisitor, StampOptions } from "./stamp/stamping-visitor.js";
import type { Stamps } from "./stamp/stamps.js";
import type { Apps } from "./start/apps.js";
import { appsOf } from "./start/apps.js";
import type { AnyStep, GroupRest, RestOf, ResultOf, ResultsOf } from "./step.js";
import type { Workflow } from "./workflow.js";
import { changesOf, createWorkflow, sendingOf } from "./workflow.js";

/** Countdowns in seconds: from `start`, one `step` more for each task, up to `stop`, which then repeats. */
export interface Skew {
  /** Default 1. */
  readonly start?: number;
  /** Default none. */
  readonly stop?: number;
  /** Default 1. */
  readonly step?: number;
}

/** A group on its way: awaited it yields the handles of its results. */
export type GroupSending<Results> = Sending<Results, unknown, GroupResult<Results>>;

/** Tasks at the same time; its result is the list of theirs. */
export interface Group<Rest extends readonly unknown[], Results> extends Workflow<Rest, Results> {
  /** Sends all of it: the handle is a `GroupResult`. @throws like `Workflow.delay`. */
  delay(...args: Rest): GroupSending<Results>;
  call(args: Rest, options?: SendOptions): GroupSending<Results>;
  set(options: SendOptions): Group<Rest, Results>;
  clone(args?: readonly unknown[], options?: SendOptions): Group<Rest, Results>;
  replace(parts: Replacing): Group<Rest, Results>;
  immutable(): Group<readonly [], Results>;
  link(callbacks: Callbacks): Group<Rest, Results>;
  onError(errbacks: Callbacks, how?: ErrbackOptions): Group<Rest, Results>;
  stamp(how: StampingVisitor | Stamps, options?: StampOptions): Group<Rest, Results>;
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
  return createGroup(makeGroup(members.map((member) => member.toJSON())), appsOf(members));
}

/** A group's dictionary as a workflow. @param apps - Those of its members. */
export function createGroup<Rest extends readonly unknown[], Results>(
  wire: WireSignature,
  apps: Apps,
): Group<Rest, Results> {
  const rebuild = (changed: WireSignature, changedApps: Apps): Group<Rest, Results> =>
    createGroup(changed, changedApps);
  return {
    ...createWorkflow<Rest, Results>(wire, apps),
    ...groupSendingOf<Rest, Results>(wire, apps),
    ...changesOf(wire, apps, rebuild),
    immutable: () => createGroup(makeImmutable(wire), apps),
    skew: (options = {}) => rebuild(skewMembers(wire, options), apps),
  };
}

/** What sends a group. */
export function groupSendingOf<Rest extends readonly unknown[], Results>(
  wire: WireSignature,
  apps: Apps,
): Pick<Group<Rest, Results>, "delay" | "call"> {
  return sendingOf<Rest, Results>(wire, apps) as unknown as Pick<Group<Rest, Results>, "delay" | "call">; // groups come out as groups
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
