import type { WireSignature } from "@celeriac/core";
import { ArgumentError } from "@celeriac/core";
import { complete, isSignature, kindOf } from "./parts.js";

/** Deeper than any workflow anybody draws; Python itself gives up near 500. */
const maxDepth = 100;

/** Checks a dictionary and the signatures that it holds. @throws ArgumentError naming the part that is malformed. */
export function decodeSignature(value: unknown, where = "signature", depth = 0): WireSignature {
  if (depth > maxDepth) throw new ArgumentError(`${where} is nested deeper than ${maxDepth} signatures.`);
  if (!isSignature(value)) throw new ArgumentError(`${where} is no signature: a dictionary with a task is needed.`);
  const wire = complete(value);
  if (!Array.isArray(wire.args)) throw new ArgumentError(`${where}.args must be a list.`);
  if (!isRecord(wire.kwargs)) throw new ArgumentError(`${where}.kwargs must be an object.`);
  if (!isRecord(wire.options)) throw new ArgumentError(`${where}.options must be an object.`);
  for (const name of ["link", "link_error"]) checkList(wire.options[name] ?? [], `${where}.options.${name}`, depth);
  const kind = kindOf(wire);
  if (kind === "chain" || kind === "group") checkList(wire.kwargs.tasks, `${where}.kwargs.tasks`, depth);
  if (kind === "chord") {
    checkList(wire.kwargs.header, `${where}.kwargs.header`, depth);
    decodeSignature(wire.kwargs.body, `${where}.kwargs.body`, depth + 1);
  }
  return wire;
}

/** A list of signatures, or one alone, which Celery takes for a list of one. */
function checkList(value: unknown, where: string, depth: number): void {
  if (!Array.isArray(value)) {
    decodeSignature(value, where, depth + 1);
    return;
  }
  for (const [index, item] of value.entries()) decodeSignature(item, `${where}[${index}]`, depth + 1);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
