import type { RecordedPart } from "./chord-documents.js";

/** In the header's order: those without a place last, ids decide among equals. */
export function inOrder(left: RecordedPart, right: RecordedPart): number {
  const leftPlace = left.position ?? Number.POSITIVE_INFINITY;
  const rightPlace = right.position ?? Number.POSITIVE_INFINITY;
  if (leftPlace !== rightPlace) return leftPlace - rightPlace;
  return left.taskId < right.taskId ? -1 : 1;
}
