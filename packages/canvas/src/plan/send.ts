/**
 * What sending each kind of signature comes to. @see `celery/canvas.py`, `apply_async` and `run`.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { ArgumentError } from "@celeriac/core";
import { callbacksIn } from "../composite/links.js";
import type { WireOptions } from "../composite/merge.js";
import { mergeOptions, omit, textIn, withArguments } from "../composite/merge.js";
import { bodyOf, isEmptyChain, isSignature, kindOf, membersOf } from "../composite/parts.js";
import { freeze, freezeGroup } from "../freeze/freeze.js";
import { headerGroup } from "../freeze/header-group.js";
import type { FreezeContext, Frozen, Placement } from "../freeze/placement.js";
import { prepareSteps } from "../freeze/prepare-steps.js";
import type { ResultNode } from "../freeze/result-node.js";
import { createNode, rootOf, toTuple } from "../freeze/result-node.js";
import { chordSize, withChordSize } from "./chord-size.js";
import type { Ancestry, PlannedStep } from "./planned-task.js";
import { planTask } from "./planned-task.js";

/** What a call adds to a signature. */
export interface Added {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Wire names. */
  readonly options: WireOptions;
}

export interface SendContext extends FreezeContext, Ancestry {
  /** Takes the steps in the order in which they are to be done. */
  readonly emit: (step: PlannedStep) => void;
}

/** @returns The result to be; undefined for an empty chain, which sends nothing. */
export function send(signature: WireSignature, added: Added, context: SendContext): ResultNode | undefined {
  switch (kindOf(signature)) {
    case "chain":
      return sendChain(signature, added, context);
    case "group":
      return sendGroup(signature, added, context);
    case "chord":
      return sendChord(signature, added, context);
    default:
      return sendTask(signature, added, context);
  }
}

function sendTask(signature: WireSignature, { args, kwargs, options }: Added, context: SendContext): ResultNode {
  const merged = mergeOptions(signature.options, options);
  const id = textIn(merged, "task_id") ?? context.newId();
  const task = planTask({ ...withArguments(signature, args, kwargs), options: merged }, id, context);
  context.emit({ kind: "publish", task });
  return createNode(id);
}

/** Options that place the whole chain; the others are its first step's. */
const CHAIN_PLACE = [
  "group_id",
  "chord",
  "task_id",
  "link",
  "link_error",
  "root_id",
  "parent_id",
  "group_index",
  "chain",
];

function sendChain(signature: WireSignature, added: Added, context: SendContext): ResultNode | undefined {
  const options = mergeOptions(signature.options, added.options);
  const { chain, chord } = options;
  const prepared = prepareSteps({
    steps: membersOf(signature),
    args: signature.immutable ? signature.args : [...added.args, ...signature.args],
    kwargs: added.kwargs,
    last: {
      id: textIn(options, "task_id"),
      groupId: textIn(options, "group_id"),
      ...(isSignature(chord) ? { chord } : {}),
      ...(typeof options.group_index === "number" ? { groupIndex: options.group_index } : {}),
    },
    rootId: textIn(options, "root_id"),
    links: callbacksIn(options, "link"),
    errbacks: callbacksIn(options, "link_error"),
    errbackOptions: context,
    freeze: (step, place) => freeze(step, place, context),
  });
  const rest = prepared.reversed.slice(0, -1);
  const first = prepared.reversed.at(-1);
  if (first === undefined) return undefined;
  // Steps that follow the chain itself, as a chord's body that is a chain has them, come after its own.
  const later = Array.isArray(chain) ? [...chain, ...rest] : rest;
  const sent = send(
    first,
    { args: [], kwargs: {}, options: { ...omit(options, ...CHAIN_PLACE), chain: later } },
    context,
  );
  return rest.length === 0 ? sent : prepared.result();
}

function sendGroup(
  signature: WireSignature,
  { args, kwargs, options: given }: Added,
  context: SendContext,
): ResultNode {
  if (callbacksIn(given, "link").length > 0 || callbacksIn(given, "link_error").length > 0) {
    throw new ArgumentError(
      "A group takes no link or linkError when it is sent. Link its tasks, or use chord() to run a task after all of them.",
    );
  }
  if (membersOf(signature).every(isEmptyChain)) return freezeGroup(signature, {}, context).result;
  const merged = mergeOptions(signature.options, given);
  const groupId = textIn(merged, "task_id") ?? context.newId();
  const { chord } = merged;
  const home = isSignature(chord) ? (textIn(merged, "group_id") ?? groupId) : groupId;
  // The group is recorded as one child of the task that sends it, its members are not.
  const shared = { ...omit(merged, "task_id", "chord", "group_index"), group_id: home, add_to_parent: false };
  const members = prepareMembers(membersOf(signature), home, textIn(merged, "root_id"), context);
  let size = 0;
  for (const [index, { signature: member }] of members.entries()) {
    const joined = isSignature(chord) ? chord : member.options.chord;
    size += chordSize(member);
    // Members that count for a chord further out are in its size already.
    if (isSignature(joined) && home === groupId && index === members.length - 1) {
      context.emit({ kind: "setChordSize", groupId, size });
    }
    send(member, { args, kwargs, options: { ...shared, chord: joined } }, context);
  }
  const results = members.map(({ result }) => result);
  const [only] = results;
  // A group of one chain that ends in a group returns what that group returns.
  return only !== undefined && results.length === 1 && only.children !== null ? only : createNode(groupId, results);
}

/** Nested groups are unfolded; as in Celery their members count from 0 again. */
function prepareMembers(
  members: readonly WireSignature[],
  groupId: string,
  rootId: string | undefined,
  context: SendContext,
): readonly Frozen[] {
  return members
    .filter((member) => !isEmptyChain(member))
    .flatMap((member, groupIndex) =>
      kindOf(member) === "group"
        ? prepareMembers(membersOf(member), groupId, rootId, context)
        : [freeze(member, { groupId, rootId, groupIndex }, context)],
    );
}

function sendChord(signature: WireSignature, added: Added, context: SendContext): ResultNode | undefined {
  const args = signature.immutable ? [] : added.args;
  const given = omit(added.options, "task_id");
  const merged = mergeOptions(omit(signature.options, "task_id"), given);
  const id = textIn(added.options, "task_id") ?? textIn(signature.options, "task_id") ?? context.newId();
  const unplaced = bodyOf(signature);
  const body = { ...unplaced, options: { ...mergeOptions(unplaced.options, given), ...merged } };
  const bare = headerGroup(signature, textIn(signature.options, "task_id") ?? context.newId());
  const groupId = textIn(bare.options, "task_id") ?? context.newId();
  const rootId = textIn(body.options, "root_id");
  const frozenBody = freeze(body, { id, groupId, rootId, ...placeFurtherOut(body) }, context);
  const chord = withChordSize(frozenBody.signature, chordSize(bare));
  const header = freezeGroup(bare, { groupId, chord, rootId }, context);
  const sent = membersOf(header.signature).length > 0;
  if (sent) {
    const results = header.result.children ?? [];
    context.emit({ kind: "openChord", groupId, body: frozenBody.signature, results: results.map(toTuple) });
    if (results.some(({ children }) => children !== null)) {
      context.emit({ kind: "saveGroup", groupId, tuple: toTuple(header.result) });
    }
    const kwargs = { ...extraKwargs(signature), ...added.kwargs };
    const options = { ...omit(merged, "chain", "chord", "link", "link_error"), task_id: groupId };
    sendGroup(header.signature, { args: [...args, ...signature.args], kwargs, options }, context);
  } else {
    send(frozenBody.signature, { args: [[]], kwargs: {}, options: {} }, context);
  }
  rootOf(frozenBody.result).parent = header.result;
  return frozenBody.result;
}

/** What a chord's body ends in counts for the chord that this one is in; a task says so itself. */
function placeFurtherOut(body: WireSignature): Placement {
  const { chord } = body.options;
  if (kindOf(body) === "task" || !isSignature(chord)) return {};
  return { chord, groupId: textIn(body.options, "group_id") };
}

/** Keyword arguments a chord keeps for its header's tasks. */
function extraKwargs(chord: WireSignature): Readonly<Record<string, unknown>> {
  const { kwargs } = chord.kwargs;
  return typeof kwargs === "object" && kwargs !== null ? { ...kwargs } : {};
}
