import type { CallOptions, ChordEntry, ChordPart, ChordStore } from "@celeriac/core/ports";
import { decodeJson } from "@celeriac/core/protocol";
import type { ChordTable } from "./chord-table.js";

/** Results nest less deep than this. */
const MAX_DEPTH = 256;

/**
 * Joins chords inside this process.
 * @param enter - Refuses calls of a closed backend; replies with the time.
 */
export function memoryChords(table: ChordTable, enter: (options: CallOptions | undefined) => number): ChordStore {
  return {
    async setSize(groupId, size, options) {
      table.setSize(groupId, size, enter(options));
    },
    async extend(groupId, memberId, options) {
      table.extend(groupId, memberId, enter(options));
    },
    async addPart(part, options) {
      const tally = table.addPart(part, enter(options));
      return typeof tally === "string" ? { kind: tally } : { kind: "complete", entries: tally.map(entryOf) };
    },
    async close(groupId, options) {
      table.close(groupId, enter(options));
    },
  };
}

function entryOf({ taskId, status, result }: ChordPart): ChordEntry {
  return { taskId, status, result: decodeJson(result, { maxDepth: MAX_DEPTH }) };
}
