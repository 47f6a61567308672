import { ArgumentError } from "@celeriac/core";
import { isEmptyChain, makeChord } from "./composite/parts.js";
import { appsOf } from "./start/apps.js";
import type { AnyStep, BodyAfter, GroupRest, RestOf, ResultOf, ResultsOf } from "./step.js";
import type { Workflow } from "./workflow.js";
import { createWorkflow } from "./workflow.js";

type HeaderResults<Header> = Header extends readonly AnyStep[]
  ? ResultsOf<Header>
  : Header extends Iterable<infer Member>
    ? ResultOf<Member>[]
    : ResultOf<Header>;
type HeaderRest<Header> = Header extends readonly AnyStep[]
  ? GroupRest<Header>
  : Header extends Iterable<infer Member>
    ? RestOf<Member>
    : RestOf<Header>;

/**
 * A header of tasks at the same time, and a body that is given the list of their results, in the header's order. The
 * header is a list, a group, or any iterable of tasks, which is read at once. Sending it needs a result store. With an
 * empty header the body is sent at once with `[]`.
 * @throws ArgumentError for a body without steps.
 * @see Celery user guide, "Canvas", chords.
 */
export function chord<const Header extends readonly AnyStep[] | Iterable<AnyStep> | AnyStep, Body extends AnyStep>(
  header: Header,
  body: BodyAfter<Body, HeaderResults<Header>> extends Body ? Body : BodyAfter<Body, HeaderResults<Header>>,
): Workflow<HeaderRest<Header>, ResultOf<Body>> {
  const given: Iterable<AnyStep> | AnyStep = header; // the conditional types are for the caller
  const last = body as AnyStep; // a mismatch does not compile
  const end = last.toJSON();
  if (isEmptyChain(end))
    throw new ArgumentError("A chord's body must be a task: an empty chain would lose the results.");
  const members = "toJSON" in given ? given : [...given];
  const start = Array.isArray(members) ? members.map((member) => member.toJSON()) : members.toJSON();
  return createWorkflow(makeChord(start, end), appsOf([members, last]));
}
