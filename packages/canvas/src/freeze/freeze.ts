/**
 * Gives a signature and all it holds their ids, so that the results are known before anything is sent.
 * @see `celery/canvas.py`, `freeze`. Options that would be null are left out: they say nothing.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { isGiven, textIn } from "../composite/merge.js";
import { bodyOf, flatMembers, kindOf, membersOf, withBody, withMembers } from "../composite/parts.js";
import { headerGroup } from "./header-group.js";
import type { FreezeContext, Frozen, Placement } from "./placement.js";
import { prepareSteps } from "./prepare-steps.js";
import { createNode, rootOf } from "./result-node.js";

/** @throws ArgumentError for an empty chain, which has no result. */
export function freeze(signature: WireSignature, place: Placement, context: FreezeContext): Frozen {
  switch (kindOf(signature)) {
    case "chain":
      return freezeChain(signature, place, context);
    case "group":
      return freezeGroup(signature, place, context);
    case "chord":
      return freezeChord(signature, place, context);
    default:
      return freezeTask(signature, place, context);
  }
}

function freezeTask(signature: WireSignature, place: Placement, context: FreezeContext): Frozen {
  const own = signature.options;
  const id = textIn(own, "task_id") ?? place.id ?? context.newId();
  const options = {
    ...own,
    task_id: id,
    ...placed(own, place),
    ...(isGiven(own.reply_to) || context.replyTo === undefined ? {} : { reply_to: context.replyTo }),
    ...(isGiven(own.group_id) || place.groupId === undefined ? {} : { group_id: place.groupId }),
  };
  return { signature: { ...signature, options }, result: createNode(id) };
}

/** Its results are those of the last step; the steps it returns are unfolded, with chords where groups precede a step. */
function freezeChain(signature: WireSignature, place: Placement, context: FreezeContext): Frozen {
  const { groupId, groupIndex, chord, rootId } = place;
  const id = place.id ?? textIn(signature.options, "task_id");
  const prepared = prepareSteps({
    steps: membersOf(signature),
    args: signature.args,
    kwargs: {},
    last: { id, groupId, groupIndex, chord },
    rootId,
    freeze: (step, stepPlace) => freeze(step, stepPlace, context),
    errbackOptions: context,
  });
  const kwargs = { ...signature.kwargs, tasks: [...prepared.reversed].reverse() };
  const options = id === undefined ? signature.options : { ...signature.options, task_id: id };
  return { signature: { ...signature, args: [], kwargs, options }, result: prepared.result() };
}

/**
 * Nested groups are unfolded in order, and their members numbered through. One that returns its results to a chord around
 * it has an id of its own, while its members count for the chord: under the same id, which Celery gives it, sending it
 * would change the size the chord waits for.
 */
export function freezeGroup(signature: WireSignature, place: Placement, context: FreezeContext): Frozen {
  const own = signature.options;
  const id = textIn(own, "task_id") ?? (place.chord === undefined ? place.groupId : undefined) ?? context.newId();
  const rootId = textIn(own, "root_id") ?? place.rootId;
  const parentId = textIn(own, "parent_id") ?? place.parentId;
  const frozen = flatMembers(signature).map((member, groupIndex) =>
    freeze(member, { groupId: place.groupId, chord: place.chord, rootId, parentId, groupIndex }, context),
  );
  const members = frozen.map((member) => member.signature);
  const options = {
    ...own,
    task_id: id,
    ...placed(own, { ...place, rootId, parentId }),
    ...((isGiven(own.chord) && isGiven(own.group_id)) || place.groupId === undefined
      ? {}
      : { group_id: place.groupId }),
  };
  const node = createNode(
    id,
    frozen.map((member) => member.result),
  );
  return { signature: withMembers({ ...signature, options }, members), result: node };
}

/** Its header's members are given the body when they are sent, here and by Celery: until then it travels once. */
function freezeChord(signature: WireSignature, place: Placement, context: FreezeContext): Frozen {
  const { id, groupId, groupIndex, chord, rootId, parentId } = place;
  const body = freeze(bodyOf(signature), { id, groupId, groupIndex, chord, rootId }, context);
  const header = freezeGroup(headerGroup(signature), { rootId, parentId }, context);
  rootOf(body.result).parent = header.result;
  const kwargs = { ...signature.kwargs, header: header.signature };
  const options = { ...signature.options, task_id: header.result.id };
  return { signature: withBody({ ...signature, kwargs, options }, body.signature), result: body.result };
}

/** What a place gives to any kind, absent where it says nothing. */
function placed(own: WireSignature["options"], place: Placement): Record<string, unknown> {
  const rootId = place.rootId ?? textIn(own, "root_id");
  const parentId = place.parentId ?? textIn(own, "parent_id");
  return {
    ...(rootId === undefined ? {} : { root_id: rootId }),
    ...(parentId === undefined ? {} : { parent_id: parentId }),
    ...(place.chord === undefined ? {} : { chord: place.chord }),
    ...(place.groupIndex === undefined ? {} : { group_index: place.groupIndex }),
  };
}
