import type { WireSignature } from "@celeriac/core";
import { callbacksIn, linkErrorTo } from "../composite/links.js";
import type { WireOptions } from "../composite/merge.js";
import { textIn } from "../composite/merge.js";
import { bodyOf, isSignature, kindOf, membersOf } from "../composite/parts.js";

/** Membership in a chord: the body, and the place in the header. */
export interface ChordPlace {
  readonly body: WireSignature;
  readonly groupId: string;
  readonly groupIndex: number | null;
}

/** A task that will never run, which somebody may wait for. */
export interface DeadEnd {
  readonly id: string;
  readonly chord: ChordPlace | null;
}

/**
 * All that a signature with ids would have run and returned, steps after it included. A chord stands for its body: nobody
 * is told the results of a header by itself.
 */
export function deadEnds(signature: WireSignature): readonly DeadEnd[] {
  return [...ownDeadEnds(signature), ...later(signature.options).flatMap(deadEnds)];
}

function ownDeadEnds(signature: WireSignature): readonly DeadEnd[] {
  switch (kindOf(signature)) {
    case "chain":
    case "group":
      return membersOf(signature).flatMap(deadEnds);
    case "chord":
      return deadEnds(bodyOf(signature));
    default: {
      const id = textIn(signature.options, "task_id");
      return id === undefined ? [] : [{ id, chord: chordPlaceIn(signature.options) }];
    }
  }
}

/** Steps of the chain it was part of, in the order of their run. */
function later({ chain }: WireOptions): readonly WireSignature[] {
  return Array.isArray(chain) ? chain.filter(isSignature).reverse() : [];
}

function chordPlaceIn(options: WireOptions): ChordPlace | null {
  const { chord, group_index: groupIndex } = options;
  const groupId = textIn(options, "group_id");
  if (!isSignature(chord) || groupId === undefined) return null;
  return { body: chord, groupId, groupIndex: typeof groupIndex === "number" ? groupIndex : null };
}

/** Error callbacks of a signature that will never run, by the task they are told of. */
export interface OrphanedErrbacks {
  readonly task: WireSignature;
  readonly id: string;
  readonly errbacks: readonly WireSignature[];
}

/**
 * A task's own; a chain's own, for its last step; those of each member of a group; those of a chord's body.
 * @see `celery/backends/base.py`, `chord_error_from_stack`.
 */
export function orphanedErrbacks(signature: WireSignature): readonly OrphanedErrbacks[] {
  const own = callbacksIn(signature.options, "link_error");
  switch (kindOf(signature)) {
    case "group":
      return membersOf(signature).flatMap((member) =>
        orphanedErrbacks(own.reduce((task, errback) => linkErrorTo(task, errback), member)),
      );
    case "chord":
      return orphanedErrbacks(own.reduce((body, errback) => linkErrorTo(body, errback), bodyOf(signature)));
    default: {
      const id = textIn(signature.options, "task_id");
      return id === undefined ? [] : [{ task: signature, id, errbacks: own }];
    }
  }
}
