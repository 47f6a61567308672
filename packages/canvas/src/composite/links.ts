/**
 * Where callbacks land on each kind of signature. @see `celery/canvas.py`, `link` and `link_error`.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { ArgumentError, encodeJson } from "@celeriac/core";
import { makeImmutable } from "./immutable.js";
import { bodyOf, kindOf, membersOf, withBody, withMembers } from "./parts.js";

/** How errbacks spread. */
export interface ErrbackOptions {
  /** Also on every task of a chord's header: Celery's `task_allow_error_cb_on_chord_header`. Default false. */
  readonly errbacksOnChordHeader?: boolean;
}

/**
 * On a task and a chain: its own (a chain's goes to its last step when it is extended or sent). On a group: its first
 * task, immutable, since that task cannot pass on what the others return. On a chord: its body.
 * @throws ArgumentError for a group without tasks.
 */
export function linkTo(signature: WireSignature, callback: WireSignature): WireSignature {
  switch (kindOf(signature)) {
    case "group": {
      const [first, ...rest] = membersOf(signature);
      if (first === undefined) throw new ArgumentError("An empty group cannot be linked: there is no task to link to.");
      return withMembers(signature, [linkTo(first, makeImmutable(callback)), ...rest]);
    }
    case "chord":
      return withBody(signature, linkTo(bodyOf(signature), callback));
    default:
      return append(signature, "link", callback);
  }
}

/**
 * On a task and a chain: its own (a chain's goes to every step). On a group: every task. On a chord: its body, and the
 * chords in its header unless the header has become a group: then it has its ids, and Celery looks no further.
 */
export function linkErrorTo(signature: WireSignature, errback: WireSignature, how: ErrbackOptions = {}): WireSignature {
  switch (kindOf(signature)) {
    case "group": {
      const marked = markImmutable(errback);
      return withMembers(
        signature,
        membersOf(signature).map((member) => linkErrorTo(member, marked, how)),
      );
    }
    case "chord": {
      const spread = how.errbacksOnChordHeader === true;
      const isPlain = Array.isArray(signature.kwargs.header);
      const header = membersOf(signature).map((member) => {
        const marked = spread ? linkErrorTo(member, markImmutable(errback), how) : member;
        return isPlain && kindOf(member) === "chord" ? linkErrorTo(marked, errback, how) : marked;
      });
      return withBody(withMembers(signature, header), linkErrorTo(bodyOf(signature), errback, how));
    }
    default:
      return append(signature, "link_error", errback);
  }
}

/** Callbacks of a signature: Celery also takes one alone, without a list. */
export function callbacksIn(options: Readonly<Record<string, unknown>>, name: "link" | "link_error"): WireSignature[] {
  const present = options[name];
  if (present === undefined || present === null) return [];
  return (Array.isArray(present) ? [...present] : [present]) as WireSignature[]; // what these two options hold
}

/** Celery keeps callbacks unique: linking the same one twice sends it once. */
function append(signature: WireSignature, name: "link" | "link_error", callback: WireSignature): WireSignature {
  const list = callbacksIn(signature.options, name);
  const text = encodeJson(callback);
  if (list.some((item) => encodeJson(item) === text)) return signature;
  return { ...signature, options: { ...signature.options, [name]: [...list, callback] } };
}

/**
 * What Celery 5.6 sends for an errback on a group: for tasks and chords an option named `immutable`, which nobody obeys,
 * so that the errback still gets the failed task's id.
 */
function markImmutable(signature: WireSignature): WireSignature {
  const kind = kindOf(signature);
  if (kind === "chain" || kind === "group") return { ...signature, immutable: true };
  return { ...signature, options: { ...signature.options, immutable: true } };
}
