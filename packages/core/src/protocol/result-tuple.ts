import { DecodeError } from "../errors/codec-error.js";
import type { ResultTuple } from "../ports/result-backend.js";
import { showValue } from "./shape.js";

/**
 * Result tuples nest two levels per parent and a chain of a thousand steps is legal, so results may be nested deeper than
 * messages. Python itself gives up near 500 parents.
 */
export const maxResultDepth = 2_000;

/**
 * Checks a result tuple `[[id, parent], children]` as read from JSON. PROTOCOL 7.2.
 * @throws DecodeError `E_RESULT`
 */
export function checkResultTuple(value: unknown): ResultTuple {
  if (!Array.isArray(value) || value.length !== 2)
    throw fault("a result tuple must be [[id, parent], children]", value);
  const [head, children]: unknown[] = value;
  if (!Array.isArray(head) || head.length !== 2 || typeof head[0] !== "string") {
    throw fault("the head of a result tuple must be [id, parent]", head);
  }
  const parent: unknown = head[1];
  return [[head[0], parent === null ? null : checkResultTuple(parent)], checkResultTuples(children)];
}

/** A list of result tuples, or null. @throws DecodeError `E_RESULT` */
export function checkResultTuples(value: unknown): readonly ResultTuple[] | null {
  if (value === null || value === undefined) return null;
  if (!Array.isArray(value)) throw fault("children must be a list or null", value);
  return value.map(checkResultTuple);
}

function fault(rule: string, value: unknown): DecodeError {
  return new DecodeError(`A stored result is malformed: ${rule}, not ${showValue(value)}.`, { code: "E_RESULT" });
}
