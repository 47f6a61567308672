/**
 * The steps of a chain as a message carries them: unfolded, last step first, each with its id, groups that precede a step
 * turned into chords. @see `celery/canvas.py`, `prepare_steps`.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { ArgumentError } from "@celeriac/core";
import type { ErrbackOptions } from "../composite/links.js";
import { linkErrorTo, linkTo } from "../composite/links.js";
import { withArguments } from "../composite/merge.js";
import { isEmptyChain, kindOf, makeChord, unrollSingle } from "../composite/parts.js";
import { unchain } from "../composite/pipe.js";
import { headerGroup } from "./header-group.js";
import type { Frozen, Placement } from "./placement.js";
import type { ResultNode } from "./result-node.js";
import { rootOf } from "./result-node.js";

export interface StepsToPrepare {
  readonly steps: readonly WireSignature[];
  /** For the first step. */
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Only the last step has the chain's id and counts for its chord. */
  readonly last: Placement;
  readonly rootId: string | undefined;
  /** For the last step. */
  readonly links?: readonly WireSignature[];
  /** For every step. */
  readonly errbacks?: readonly WireSignature[];
  readonly errbackOptions: ErrbackOptions;
  /** Gives one step its ids. */
  readonly freeze: (step: WireSignature, place: Placement) => Frozen;
}

export interface PreparedSteps {
  /** The next one to send is last. */
  readonly reversed: readonly WireSignature[];
  /** Of the last step, its parents linked. @throws ArgumentError when there is no step. */
  result(): ResultNode;
}

export function prepareSteps(given: StepsToPrepare): PreparedSteps {
  const { last, rootId, freeze } = given;
  const prepared: Frozen[] = [];
  let isLast = true;
  for (const step of finished(given).reverse()) {
    const next = prepared.at(-1);
    const upgraded = kindOf(step) === "group" && next !== undefined;
    if (upgraded) prepared.pop();
    const task = upgraded ? makeChord(step, next.signature) : step;
    const { signature, result } = freeze(task, isLast ? { ...last, rootId } : { rootId });
    const after = prepared.at(-1);
    // What follows a chord has the oldest result of the chord's body for its own parents' end.
    if (after !== undefined) joinParent(after.result, result);
    prepared.push({ signature, result });
    isLast = false;
  }
  return {
    reversed: prepared.map(({ signature }) => signature),
    result: () => {
      const [final] = prepared;
      if (final !== undefined) return final.result;
      throw new ArgumentError("An empty chain has no result. Give chain() at least one step.");
    },
  };
}

function joinParent(later: ResultNode, earlier: ResultNode): void {
  const oldest = rootOf(later);
  if (oldest !== earlier) oldest.parent = earlier;
}

/** Unfolded steps with everything that was given for one or all of them. */
function finished({ steps, args, kwargs, links = [], errbacks = [], errbackOptions }: StepsToPrepare): WireSignature[] {
  const flat = unfoldSteps(steps);
  return flat.map((step, index) => {
    const called = index === 0 ? withArguments(step, args, kwargs) : step;
    const linked = index === flat.length - 1 ? links.reduce(linkTo, called) : called;
    const linkable = errbacks.length > 0 && kindOf(linked) === "chord" ? withHeaderGroup(linked) : linked;
    return errbacks.reduce((sofar, errback) => linkErrorTo(sofar, errback, errbackOptions), linkable);
  });
}

/** Errbacks of a chain meet chords whose header has its ids already. */
function withHeaderGroup(chord: WireSignature): WireSignature {
  return { ...chord, kwargs: { ...chord.kwargs, header: headerGroup(chord) } };
}

function unfoldSteps(steps: readonly WireSignature[]): readonly WireSignature[] {
  return steps.flatMap((given) => {
    const step = unrollSingle(given);
    if (isEmptyChain(step)) return [];
    return kindOf(step) === "chain" ? unfoldSteps(unchain(step)) : [step];
  });
}
