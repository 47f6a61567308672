import type { ChordEntry, ChordPart } from "@celeriac/core";
import { decodeJson } from "@celeriac/core";

/** Counts the completions of chords that run in this process. */
export interface ChordTally {
  setSize(groupId: string, size: number): void;
  /** One more completion to wait for. */
  extend(groupId: string): void;
  /** Records one; gives all of them, in the header's order, when it is the last. */
  addPart(part: ChordPart): readonly ChordEntry[] | undefined;
}

interface Count {
  size: number | undefined;
  added: number;
  readonly parts: Map<string, ChordPart>;
}

export function createChordTally(): ChordTally {
  const counts = new Map<string, Count>();
  const countOf = (groupId: string): Count => {
    const count = counts.get(groupId) ?? { size: undefined, added: 0, parts: new Map() };
    counts.set(groupId, count);
    return count;
  };
  return {
    setSize: (groupId, size) => {
      countOf(groupId).size = size;
    },
    extend: (groupId) => {
      countOf(groupId).added += 1;
    },
    addPart: (part) => {
      const count = countOf(part.groupId);
      count.size ??= part.size ?? undefined;
      if (count.parts.has(part.taskId)) return undefined;
      count.parts.set(part.taskId, part);
      return count.parts.size === (count.size ?? Number.NaN) + count.added
        ? inOrder([...count.parts.values()])
        : undefined;
    },
  };
}

/** Those without a place come last. */
function inOrder(parts: readonly ChordPart[]): readonly ChordEntry[] {
  const place = ({ groupIndex }: ChordPart): number => groupIndex ?? Number.MAX_SAFE_INTEGER;
  return [...parts]
    .sort((left, right) => place(left) - place(right))
    .map(({ taskId, status, result }) => ({ taskId, status, result: decodeJson(result) }));
}
