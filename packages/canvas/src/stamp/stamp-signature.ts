/**
 * Stamps a signature and all it holds: values that travel as headers with every message, through retries and replacements.
 * A composite itself is not stamped, its tasks and callbacks are. @see `celery/canvas.py`, `stamp` and `stamp_links`.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { callbacksIn } from "../composite/links.js";
import { bodyOf, kindOf, makeGroup, membersOf, withBody, withMembers } from "../composite/parts.js";
import type { StampingVisitor } from "./stamping-visitor.js";
import type { Stamps } from "./stamps.js";
import { mergeStamps, stampsIn, withStamps } from "./stamps.js";

export interface Stamping {
  readonly visitor: StampingVisitor | undefined;
  readonly append: boolean;
}

/** @param stamps - From around it. @throws ArgumentError for a stamp named like an option. */
export function stampSignature(signature: WireSignature, stamps: Stamps, how: Stamping): WireSignature {
  switch (kindOf(signature)) {
    case "chain":
      return stampChain(signature, stamps, how);
    case "group":
      return stampGroup(signature, stamps, how);
    case "chord":
      return stampChord(signature, stamps, how);
    default: {
      const linked = stampLinks(signature, stamps, how);
      return withStamps(linked, collected(signature, how.visitor?.onSignature?.(signature, stamps), stamps, how));
    }
  }
}

function stampChain(signature: WireSignature, stamps: Stamps, how: Stamping): WireSignature {
  const all = collected(signature, how.visitor?.onChainStart?.(signature, stamps), stamps, how);
  const stamped = stampMembers(stampLinks(signature, all, how), all, how);
  how.visitor?.onChainEnd?.(stamped, all);
  return stamped;
}

function stampGroup(signature: WireSignature, stamps: Stamps, how: Stamping): WireSignature {
  const all = collected(signature, how.visitor?.onGroupStart?.(signature, stamps), stamps, how);
  const stamped = stampMembers(stampLinks(signature, all, how), all, how);
  how.visitor?.onGroupEnd?.(stamped, all);
  return stamped;
}

function stampChord(signature: WireSignature, stamps: Stamps, how: Stamping): WireSignature {
  const { visitor } = how;
  const chord = visitor === undefined || visitor.onChordHeaderStart !== undefined ? signature : withGroup(signature);
  const forHeader = collected(chord, startHeader(chord, stamps, visitor), stamps, how);
  const stamped = stampMembers(stampLinks(chord, forHeader, how), forHeader, how);
  if (visitor?.onChordHeaderEnd === undefined) visitor?.onGroupEnd?.(makeGroup(membersOf(stamped)), forHeader);
  else visitor.onChordHeaderEnd(stamped, forHeader);
  const forBody = collected(stamped, visitor?.onChordBody?.(stamped, forHeader), forHeader, how);
  return withBody(stamped, stampSignature(bodyOf(stamped), forBody, how));
}

function startHeader(chord: WireSignature, stamps: Stamps, visitor: StampingVisitor | undefined): Stamps | undefined {
  if (visitor?.onChordHeaderStart !== undefined) return visitor.onChordHeaderStart(chord, stamps);
  return visitor?.onGroupStart?.(makeGroup(membersOf(chord)), stamps);
}

function withGroup(chord: WireSignature): WireSignature {
  const { header } = chord.kwargs;
  return Array.isArray(header) ? { ...chord, kwargs: { ...chord.kwargs, header: makeGroup(membersOf(chord)) } } : chord;
}

function stampMembers(signature: WireSignature, stamps: Stamps, how: Stamping): WireSignature {
  return withMembers(
    signature,
    membersOf(signature).map((member) => stampSignature(member, stamps, how)),
  );
}

/** Callbacks get what the visitor says and what is around the signature, not the signature's own. */
function stampLinks(signature: WireSignature, stamps: Stamps, how: Stamping): WireSignature {
  const { visitor, append } = how;
  const stampOne = (link: WireSignature, own: Stamps | undefined): WireSignature =>
    stampSignature(link, mergeStamps(stamps, own ?? {}, append), how);
  const links = callbacksIn(signature.options, "link").map((link) =>
    stampOne(link, visitor?.onCallback?.(link, stamps)),
  );
  const errbacks = callbacksIn(signature.options, "link_error").map((link) =>
    stampOne(link, visitor?.onErrback?.(link, stamps)),
  );
  if (links.length === 0 && errbacks.length === 0) return signature;
  const options = {
    ...signature.options,
    ...(links.length === 0 ? {} : { link: links }),
    ...(errbacks.length === 0 ? {} : { link_error: errbacks }),
  };
  return { ...signature, options };
}

/** From around it, from the visitor, and its own. */
function collected(signature: WireSignature, own: Stamps | undefined, stamps: Stamps, { append }: Stamping): Stamps {
  return mergeStamps(mergeStamps(stamps, own ?? {}, append), stampsIn(signature.options), append);
}
