/**
 * What a call adds to a signature. @see Celery user guide, "Canvas", partials; `Signature._merge`.
 * @module
 */
import type { WireSignature } from "@celeriac/core";
import { isEmptyChain, kindOf, membersOf, withMembers } from "./parts.js";

export type WireOptions = Readonly<Record<string, unknown>>;

/**
 * Arguments before its own, keyword arguments over its own; an immutable one keeps what it has. A chain's go to its first
 * step, a group's to every member, a chord's to its header.
 */
export function withArguments(
  signature: WireSignature,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): WireSignature {
  if (signature.immutable || (args.length === 0 && Object.keys(kwargs).length === 0)) return signature;
  const members = kindOf(signature) === "task" ? [] : membersOf(signature);
  switch (kindOf(signature)) {
    case "task":
      return { ...signature, args: [...args, ...signature.args], kwargs: { ...signature.kwargs, ...kwargs } };
    case "chain": {
      const first = members.findIndex((member) => !isEmptyChain(member));
      return withMembers(
        signature,
        members.map((member, index) => (index === first ? withArguments(member, args, kwargs) : member)),
      );
    }
    default:
      return withMembers(
        signature,
        members.map((member) => withArguments(member, args, kwargs)),
      );
  }
}

/** Options over its own, except that it stays in its group and keeps its stamps. A null says nothing. */
export function mergeOptions(own: WireOptions, given: WireOptions): WireOptions {
  const merged: Record<string, unknown> = { ...own };
  const stamps = Array.isArray(own.stamped_headers) ? own.stamped_headers : [];
  for (const [name, value] of Object.entries(given)) {
    const isKept = (name === "group_id" || name === "stamped_headers" || stamps.includes(name)) && isGiven(own[name]);
    if (isGiven(value) && !isKept) merged[name] = value;
  }
  return merged;
}

/** Without some members. */
export function omit(options: WireOptions, ...names: readonly string[]): WireOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** An option that is text, such as an id. */
export function textIn(options: WireOptions, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}
