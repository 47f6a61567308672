import type { ChordEntry, ChordPart, ChordStanding } from "@celeriac/core/ports";
import { decodeJson } from "@celeriac/core/protocol";
import type { ChordDocuments, ChordState } from "./chord-documents.js";
import { inOrder } from "./part-order.js";

/** What recording needs of the documents of chords. */
export type ChordLedger = Pick<
  ChordDocuments,
  "state" | "addParts" | "arrive" | "countParts" | "choose" | "parts" | "removeParts"
>;

/** Results nest less deep than this. */
const MAX_DEPTH = 2_000;

/**
 * Records completions of one chord, and says what they come to.
 *
 * Invariants, without a transaction, which a single server does not have: (1) a task counts once, with its first result,
 * since its document is inserted under its id. (2) `arrived` is raised after that, so it is never less than the number of
 * documents of those who have been told where they stand; when it reaches the size, the documents themselves are counted:
 * the last one to arrive finds them all. (3) Who finishes is decided by one update, once. (4) Nothing is recorded after that.
 * @returns One standing per part.
 */
export async function recordParts(
  documents: ChordLedger,
  groupId: string,
  parts: readonly ChordPart[],
): Promise<readonly ChordStanding[]> {
  const before = await documents.state(groupId);
  const state = isDecided(before) ? before : await count(documents, groupId, parts);
  const isOurs = !state.isClosed && parts.some(({ taskId }) => taskId === state.finisher);
  const entries = isOurs ? [...(await documents.parts(groupId))].sort(inOrder).map(entryOf) : [];
  return parts.map(({ taskId }): ChordStanding => {
    if (!isDecided(state)) return { kind: "waiting" };
    return isOurs && taskId === state.finisher ? { kind: "complete", entries } : { kind: "closed" };
  });
}

async function count(documents: ChordLedger, groupId: string, parts: readonly ChordPart[]): Promise<ChordState> {
  await documents.addParts(groupId, parts);
  const state = await documents.arrive(groupId, parts.length);
  // It was closed since we looked: what we have recorded belongs to nobody.
  if (state.isClosed) await documents.removeParts(groupId);
  if (isDecided(state)) return state;
  const size = state.size ?? parts.find((part) => part.size !== null)?.size ?? Number.POSITIVE_INFINITY;
  const wanted = size + state.members;
  const finisher = parts.at(-1)?.taskId;
  if (finisher === undefined || state.arrived < wanted) return state;
  if ((await documents.countParts(groupId)) < wanted) return state;
  return documents.choose(groupId, finisher);
}

function isDecided(state: ChordState): boolean {
  return state.isClosed || state.finisher !== undefined;
}

function entryOf({ taskId, status, result }: { taskId: string; status: string; result: string }): ChordEntry {
  return { taskId, status, result: decodeJson(result, { maxDepth: MAX_DEPTH }) };
}
