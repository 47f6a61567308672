/**
 * What a composite's dictionary is made of. All of canvas works on these dictionaries, so what Python sent and what was
 * composed here are the same thing. PROTOCOL 11.1 and 11.2.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { ArgumentError } from "@celeriac/core";

/** What a signature composes. Celery's map, starmap and chunks travel as tasks. */
export type Kind = "task" | "chain" | "group" | "chord";

const KINDS: ReadonlySet<string | null> = new Set(["chain", "group", "chord"]);

export function kindOf(signature: WireSignature): Kind {
  return KINDS.has(signature.subtask_type) ? (signature.subtask_type as Kind) : "task"; // a member of the set
}

/** Steps of a chain, members of a group, header of a chord (a list, or a group once it has ids). */
export function membersOf(signature: WireSignature): readonly WireSignature[] {
  if (kindOf(signature) !== "chord") return asList(signature.kwargs.tasks, "tasks");
  const { header } = signature.kwargs;
  return isSignature(header) && kindOf(header) === "group" ? membersOf(header) : asList(header, "header");
}

/** The same composite with other members. */
export function withMembers(signature: WireSignature, members: readonly WireSignature[]): WireSignature {
  const { kwargs } = signature;
  if (kindOf(signature) !== "chord") return { ...signature, kwargs: { ...kwargs, tasks: members } };
  const { header } = kwargs;
  const changed = isSignature(header) && kindOf(header) === "group" ? withMembers(header, members) : members;
  return { ...signature, kwargs: { ...kwargs, header: changed } };
}

/** @throws ArgumentError for a chord without a body. */
export function bodyOf(chord: WireSignature): WireSignature {
  const { body } = chord.kwargs;
  if (isSignature(body)) return body;
  throw new ArgumentError("This chord has no body. Give chord() a second argument: what takes the header's results.");
}

export function withBody(chord: WireSignature, body: WireSignature): WireSignature {
  return { ...chord, kwargs: { ...chord.kwargs, body } };
}

export function makeChain(tasks: readonly WireSignature[]): WireSignature {
  return composite("chain", { tasks });
}

export function makeGroup(tasks: readonly WireSignature[]): WireSignature {
  return composite("group", { tasks });
}

/** A group, chain or list as header: its members, without its options, as Celery takes it. */
export function makeChord(header: WireSignature | readonly WireSignature[], body: WireSignature): WireSignature {
  return composite("chord", { kwargs: {}, header: headerMembers(header), body });
}

function headerMembers(header: WireSignature | readonly WireSignature[]): readonly WireSignature[] {
  if (!isSignature(header)) return header;
  const kind = kindOf(header);
  return kind === "group" || kind === "chain" ? membersOf(header) : [header];
}

/** Members of a group as they are sent: those of groups within it in their place, chains without steps left out. */
export function flatMembers(group: WireSignature): readonly WireSignature[] {
  return membersOf(group).flatMap((member) => {
    if (kindOf(member) === "group") return flatMembers(member);
    return isEmptyChain(member) ? [] : [member];
  });
}

/**
 * A group with one member is that member: once nested groups are unfolded, so that giving ids, which unfolds them, changes
 * nothing. Celery looks at the outermost group alone.
 */
export function unrollSingle(signature: WireSignature): WireSignature {
  if (kindOf(signature) !== "group") return signature;
  const [only, ...more] = flatMembers(signature);
  return only === undefined || more.length > 0 ? signature : only;
}

/** Chains without any step ask for nothing: a group or chain that holds one is the same without it. */
export function isEmptyChain(signature: WireSignature): boolean {
  return kindOf(signature) === "chain" && membersOf(signature).every(isEmptyChain);
}

export function isSignature(value: unknown): value is WireSignature {
  return typeof value === "object" && value !== null && "task" in value && typeof value.task === "string";
}

/** A signature with the members it lacks: older peers leave out what is empty. Further members travel on. */
export function complete(signature: WireSignature): WireSignature {
  const given: Partial<WireSignature> = signature;
  if (
    given.args &&
    given.kwargs &&
    given.options &&
    given.subtask_type !== undefined &&
    given.immutable !== undefined
  ) {
    return signature;
  }
  const { args, kwargs, options, subtask_type, immutable } = given;
  return {
    ...signature,
    args: args ?? [],
    kwargs: kwargs ?? {},
    options: options ?? {},
    subtask_type: subtask_type ?? null,
    immutable: immutable ?? false,
  };
}

function composite(kind: "chain" | "group" | "chord", kwargs: Readonly<Record<string, unknown>>): WireSignature {
  return { task: `celery.${kind}`, args: [], kwargs, options: {}, subtask_type: kind, immutable: false };
}

function asList(value: unknown, where: string): readonly WireSignature[] {
  if (Array.isArray(value)) return value.map(readMember);
  if (isSignature(value)) return [complete(value)];
  throw new ArgumentError(`A composite signature's ${where} must be a list of signatures, not ${typeof value}.`);
}

function readMember(value: unknown): WireSignature {
  if (isSignature(value)) return complete(value);
  throw new ArgumentError(
    "A composite signature holds something that is no signature: give what .s() or chain() makes.",
  );
}
