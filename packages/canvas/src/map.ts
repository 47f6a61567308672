import type { Callbacks, SendOptions, WireSignature } from "@celeriac/core";
import { ArgumentError } from "@celeriac/core";
import { chunkGroup, makeMap } from "./composite/maps.js";
import { kindOf } from "./composite/parts.js";
import type { Replacing } from "./composite/replace-parts.js";
import type { Group, GroupSending } from "./group.js";
import { createGroup, groupSendingOf } from "./group.js";
import type { StampingVisitor, StampOptions } from "./stamp/stamping-visitor.js";
import type { Stamps } from "./stamp/stamps.js";
import type { Apps } from "./start/apps.js";
import { appsOf } from "./start/apps.js";
import type { AnyStep, RestOf, ResultOf } from "./step.js";
import type { Workflow } from "./workflow.js";
import { changesOf, createWorkflow } from "./workflow.js";

type FirstArgument<S> = RestOf<S> extends readonly [infer First, ...unknown[]] ? First : unknown;

/** A workflow that is sent as a group when it is sent by itself, and travels as one task inside others. */
export interface Chunks<Result> extends Workflow<readonly [], Result[][]> {
  delay(): GroupSending<Result[][]>;
  call(args: readonly [], options?: SendOptions): GroupSending<Result[][]>;
  set(options: SendOptions): Chunks<Result>;
  clone(args?: readonly unknown[], options?: SendOptions): Chunks<Result>;
  replace(parts: Replacing): Chunks<Result>;
  link(callbacks: Callbacks): Chunks<Result>;
  onError(errbacks: Callbacks): Chunks<Result>;
  stamp(how: StampingVisitor | Stamps, options?: StampOptions): Chunks<Result>;
  /** One `celery.starmap` per chunk. */
  group(): Group<readonly [], Result[][]>;
}

/**
 * One message that calls the task once per item, in order, and returns the list of results.
 * @param task - Bare: `add.s()`. The worker looks at its name only.
 * @throws ArgumentError for a composite, or a signature with arguments, which would be lost.
 */
export function map<Step extends AnyStep>(
  task: Step,
  items: Iterable<FirstArgument<Step>>,
): Workflow<readonly [], ResultOf<Step>[]> {
  return createWorkflow(makeMap("celery.map", { task: bare(task, "map"), it: [...items] }), appsOf([task]));
}

/** Like `map`, with a list of arguments per call. @throws ArgumentError as `map` does. */
export function starmap<Step extends AnyStep>(
  task: Step,
  items: Iterable<RestOf<Step>>,
): Workflow<readonly [], ResultOf<Step>[]> {
  return createWorkflow(makeMap("celery.starmap", { task: bare(task, "starmap"), it: [...items] }), appsOf([task]));
}

/**
 * Calls of a task, `size` of them per message. @throws ArgumentError as `map` does, or for a size below 1.
 * @param items - A list of arguments per call.
 */
export function chunks<Step extends AnyStep>(
  task: Step,
  items: Iterable<RestOf<Step>>,
  size: number,
): Chunks<ResultOf<Step>> {
  if (!Number.isInteger(size) || size < 1) {
    throw new ArgumentError(`chunks() needs a whole number of calls per message from 1 up, not ${String(size)}.`);
  }
  return createChunks(
    makeMap("celery.chunks", { task: bare(task, "chunks"), it: [...items], n: size }),
    appsOf([task]),
  );
}

function createChunks<Result>(wire: WireSignature, apps: Apps): Chunks<Result> {
  return {
    ...createWorkflow<readonly [], Result[][]>(wire, apps),
    ...groupSendingOf<readonly [], Result[][]>(chunkGroup(wire), apps),
    ...changesOf(wire, apps, (changed, changedApps) => createChunks<Result>(changed, changedApps)),
    group: () => createGroup(chunkGroup(wire), apps),
  };
}

function bare(step: AnyStep, name: string): WireSignature {
  const wire = step.toJSON();
  if (kindOf(wire) === "task" && wire.args.length === 0 && Object.keys(wire.kwargs).length === 0) return wire;
  throw new ArgumentError(
    `${name}() calls the task by its name with the items alone: give a bare signature such as add.s(), without arguments.`,
  );
}
