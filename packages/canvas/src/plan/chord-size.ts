import type { WireSignature } from "@celeriac/core";
import { bodyOf, kindOf, membersOf } from "../composite/parts.js";

/** A body as its header's messages carry it: with the size, for stores that have lost it. Older peers know the member. */
export function withChordSize(body: WireSignature, size: number): WireSignature {
  const sized: WireSignature & { readonly chord_size: number } = { ...body, chord_size: size };
  return sized;
}

/** The size in a body that came in a message. */
export function chordSizeIn(body: WireSignature): number | null {
  return "chord_size" in body && typeof body.chord_size === "number" ? body.chord_size : null;
}

/**
 * How many results a signature returns to the chord it is in: a group's members, the last step of a chain that returns
 * any, a chord's body. @see `celery/canvas.py`, `_chord._descend`.
 */
export function chordSize(signature: WireSignature): number {
  switch (kindOf(signature)) {
    case "group":
      return membersOf(signature).reduce((sum, member) => sum + chordSize(member), 0);
    case "chain": {
      const steps = membersOf(signature);
      for (let index = steps.length - 1; index >= 0; index -= 1) {
        const step = steps[index];
        const size = step === undefined ? 0 : chordSize(step);
        if (size > 0) return size;
      }
      return 0;
    }
    case "chord":
      return chordSize(bodyOf(signature));
    default:
      return 1;
  }
}
