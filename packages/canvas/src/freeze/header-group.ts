import type { WireSignature } from "@celeriac/core";
import { makeGroup, membersOf } from "../composite/parts.js";

/** The header as the group it is sent as: its own options when it has been given ids before, else none. */
export function headerGroup(chord: WireSignature, id?: string): WireSignature {
  const { header } = chord.kwargs;
  const members = membersOf(chord);
  if (!Array.isArray(header)) return { ...makeGroup(members), options: optionsOf(header) };
  return id === undefined ? makeGroup(members) : { ...makeGroup(members), options: { task_id: id } };
}

function optionsOf(header: unknown): WireSignature["options"] {
  return typeof header === "object" && header !== null && "options" in header && isRecord(header.options)
    ? header.options
    : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
