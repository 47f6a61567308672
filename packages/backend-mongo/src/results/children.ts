import type { ResultTuple } from "@celeriac/core/ports";
import { decodeResultMeta, encodeJson } from "@celeriac/core/protocol";
import { fromBson, toBson } from "./bson-value.js";
import { fault } from "./result-value.js";

/** Result tuples nest two levels per parent; the values in a document must not be deeper than this together. */
const MAX_PARENTS = 30;
const MAX_DEPTH = 2_000;

/** Children as they are written. */
export interface WrittenChildren {
  /** As Celery writes them: arrays. Where there are too many parents for MongoDB, without the farthest. */
  readonly children: unknown;
  /** JSON text of all, when something had to be left out above. */
  readonly whole: string | undefined;
}

export function encodeChildren(children: readonly ResultTuple[] | null): WrittenChildren {
  const written = toBson(children);
  if (written !== undefined) return { children: written.value, whole: undefined };
  const short = children?.map((tuple) => cut(tuple, MAX_PARENTS)) ?? null;
  return {
    children: toBson(short)?.value ?? [],
    whole: encodeJson(children, { maxDepth: MAX_DEPTH }),
  };
}

/**
 * @param whole - JSON text, which counts more.
 * @throws DecodeError `E_RESULT`
 */
export function decodeChildren(children: unknown, whole: unknown): readonly ResultTuple[] | null {
  if (children === undefined || children === null) return null;
  if (Array.isArray(children) && children.length === 0 && whole === undefined) return [];
  let text: string;
  try {
    text = typeof whole === "string" ? whole : encodeJson(fromBson(children), { maxDepth: MAX_DEPTH });
  } catch (cause) {
    throw fault(cause instanceof Error ? cause.message : String(cause), cause);
  }
  // Core checks tuples as part of a whole document.
  return decodeResultMeta(`{"status":"SUCCESS","task_id":"","children":${text}}`).children;
}

function cut([[id, parent], children]: ResultTuple, parents: number): ResultTuple {
  const shorter = parent === null || parents === 0 ? null : cut(parent, parents - 1);
  return [[id, shorter], children?.map((child) => cut(child, 0)) ?? null];
}
