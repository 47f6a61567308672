/**
 * One signature after another: Celery's `|`, which unfolds nested chains, turns a group followed by a task into a chord,
 * and lets what follows a chord follow its body. @see `celery/canvas.py`, `__or__`.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { callbacksIn, linkErrorTo, linkTo } from "./links.js";
import {
  bodyOf,
  isEmptyChain,
  kindOf,
  makeChain,
  makeChord,
  membersOf,
  unrollSingle,
  withBody,
  withMembers,
} from "./parts.js";

/** Every step after the one before it. No step at all is an empty chain. */
export function pipeAll(steps: readonly WireSignature[]): WireSignature {
  let sofar = makeChain([]);
  let tasks: WireSignature[] = [];
  const joined = (): WireSignature => (tasks.length === 0 ? sofar : makeChain([...unchain(sofar), ...tasks]));
  for (const step of steps) {
    // Tasks in a row are joined at once: one by one a long chain would be copied for each of its steps.
    if (kindOf(step) === "task" && (tasks.length > 0 || endsInTask(sofar))) {
      tasks.push(step);
    } else {
      sofar = pipe(joined(), step);
      tasks = [];
    }
  }
  return joined();
}

function endsInTask(signature: WireSignature): boolean {
  if (kindOf(signature) !== "chain") return false;
  const last = membersOf(signature).at(-1);
  return last === undefined || kindOf(last) === "task";
}

export function pipe(left: WireSignature, right: WireSignature): WireSignature {
  switch (kindOf(left)) {
    case "chain":
      return afterChain(left, right);
    case "group":
      return isEmptyChain(right) ? left : makeChord(left, unrollSingle(right));
    case "chord":
      return afterChord(left, right);
    default:
      return kindOf(right) === "chain" ? makeChain([left, ...unchain(right)]) : makeChain([left, unrollSingle(right)]);
  }
}

/** Steps of a chain, with its callbacks on the last one and its errbacks on each. */
export function unchain(chain: WireSignature): readonly WireSignature[] {
  const steps = membersOf(chain).filter((step) => !isEmptyChain(step));
  const links = callbacksIn(chain.options, "link");
  const errbacks = callbacksIn(chain.options, "link_error");
  return steps.map((step, index) => {
    const linked = index === steps.length - 1 ? links.reduce(linkTo, step) : step;
    return errbacks.reduce((sofar, errback) => linkErrorTo(sofar, errback), linked);
  });
}

function afterChain(chain: WireSignature, right: WireSignature): WireSignature {
  const next = unrollSingle(right);
  switch (kindOf(next)) {
    case "chain":
      return unchain(next).reduce(pipe, chain);
    case "group":
      return groupAfterChain(unchain(chain), next);
    default:
      return stepAfterChain(chain, next);
  }
}

function groupAfterChain(steps: readonly WireSignature[], group: WireSignature): WireSignature {
  const last = steps.at(-1);
  if (last === undefined) return group;
  if (kindOf(last) !== "chord") return makeChain([...steps, group]);
  return makeChain([...steps.slice(0, -1), withBody(last, pipe(bodyOf(last), group))]);
}

function stepAfterChain(chain: WireSignature, next: WireSignature): WireSignature {
  const steps = membersOf(chain);
  const last = steps.at(-1);
  if (last !== undefined && kindOf(last) === "group") {
    const chord = makeChord(last, next);
    const before = steps.at(-2);
    // Two chords in a row: the second follows the first one's body.
    if (before === undefined || kindOf(before) !== "chord") return withMembers(chain, [...steps.slice(0, -1), chord]);
    return withMembers(chain, [...steps.slice(0, -2), withBody(before, pipe(bodyOf(before), chord))]);
  }
  if (last !== undefined && kindOf(last) === "chord" && (kindOf(next) !== "chord" || endsInGroup(bodyOf(last)))) {
    return withMembers(chain, [...steps.slice(0, -1), withBody(last, pipe(bodyOf(last), next))]);
  }
  return makeChain([...unchain(chain), next]);
}

function afterChord(chord: WireSignature, right: WireSignature): WireSignature {
  const next = unrollSingle(right);
  const kind = kindOf(next);
  if (kind !== "task" && endsInGroup(bodyOf(chord))) return withBody(chord, pipe(bodyOf(chord), next));
  if (kind === "chain") return makeChain([chord, ...unchain(next)]);
  if (kind === "group") return makeChain([chord, next]);
  return withBody(chord, pipe(bodyOf(chord), next));
}

/**
 * Whether what comes next needs the results of a group. After a chord whose body is one Celery lets it follow each member
 * by itself; here it becomes the body of one more chord.
 */
function endsInGroup(signature: WireSignature): boolean {
  switch (kindOf(signature)) {
    case "group":
      return true;
    case "chord":
      return endsInGroup(bodyOf(signature));
    case "chain": {
      const last = membersOf(signature).findLast((step) => !isEmptyChain(step));
      return last !== undefined && endsInGroup(last);
    }
    default:
      return false;
  }
}
