import type { ResultTuple } from "@celeriac/core";

/** A result to be: parents are linked once the step before is known, so this is the one thing here that changes. */
export interface ResultNode {
  readonly id: string;
  parent: ResultNode | null;
  /** Results of a group's members; null for a task. */
  readonly children: readonly ResultNode[] | null;
}

export function createNode(id: string, children: readonly ResultNode[] | null = null): ResultNode {
  return { id, parent: null, children };
}

/** The oldest ancestor, itself if it has none. */
export function rootOf(node: ResultNode): ResultNode {
  let oldest = node;
  while (oldest.parent !== null) oldest = oldest.parent;
  return oldest;
}

/** As Celery stores and sends it: `[[id, parent], children]`. A loop along the parents: chains may be very long. */
export function toTuple(node: ResultNode): ResultTuple {
  const line: ResultNode[] = [];
  for (let next: ResultNode | null = node; next !== null; next = next.parent) line.push(next);
  const [oldest = node, ...younger] = line.reverse();
  const first: ResultTuple = [[oldest.id, null], oldest.children?.map(toTuple) ?? null];
  return younger.reduce<ResultTuple>(
    (parent, { id, children }) => [[id, parent], children?.map(toTuple) ?? null],
    first,
  );
}
