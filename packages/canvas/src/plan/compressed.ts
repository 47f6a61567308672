import type { WireSignature } from "@celeriac/core";
import { bodyOf, isSignature, kindOf, membersOf } from "../composite/parts.js";
import type { PlannedTask } from "./planned-task.js";

/** Later steps in one message from which on it is compressed: below, deflating costs more than it saves. */
const MANY_STEPS = 20;

/**
 * How a message travels: as asked for, else compressed when it carries many later steps. Each message of a chain carries all
 * steps after it, nearly the same text again and again; every Celery reads zlib.
 */
export function compressionOf({ options, embed }: PlannedTask): string | undefined {
  if (options.compression !== undefined) return options.compression;
  const { chain, chord } = embed;
  const carried = [...(chain ?? []), ...(chord === null ? [] : [chord])];
  return carried.reduce((sum, signature) => sum + weightOf(signature), 0) >= MANY_STEPS ? "zlib" : undefined;
}

/** Tasks in a signature and after it. */
function weightOf(signature: WireSignature): number {
  const { chain } = signature.options;
  const later = Array.isArray(chain) ? sum(chain.filter(isSignature)) : 0;
  const kind = kindOf(signature);
  if (kind === "task") return 1 + later;
  return later + sum(membersOf(signature)) + (kind === "chord" ? weightOf(bodyOf(signature)) : 0);
}

function sum(signatures: readonly WireSignature[]): number {
  return signatures.reduce((total, signature) => total + weightOf(signature), 0);
}
