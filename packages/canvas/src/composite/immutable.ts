import type { WireSignature } from "@celeriac/core";
import { isEmptyChain, kindOf, membersOf, withMembers } from "./parts.js";

/**
 * Takes nothing from what comes before it: a group's members, a chord's header, a chain's first step. A chain has the flag
 * itself too, as in Celery, which loses it when the chain is unfolded into another one.
 */
export function makeImmutable(signature: WireSignature): WireSignature {
  switch (kindOf(signature)) {
    case "group":
    case "chord":
      return withMembers(signature, membersOf(signature).map(makeImmutable));
    case "chain": {
      const members = membersOf(signature);
      const first = members.findIndex((member) => !isEmptyChain(member));
      const changed = members.map((member, index) => (index === first ? makeImmutable(member) : member));
      return { ...withMembers(signature, changed), immutable: true };
    }
    default:
      return { ...signature, immutable: true };
  }
}
