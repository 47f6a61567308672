import type { ResultBackend } from "../../src/ports/index.js";
import { decodeResultMeta, encodeResultMeta, type ResultMeta, type ResultRecord } from "../../src/protocol/index.js";

/** Results in a map: the least that fulfils the port. */
export interface MapBackend extends ResultBackend {
  readonly records: ReadonlyMap<string, ResultRecord>;
  /** Watches that are open. */
  readonly watching: () => number;
}

export function mapBackend(): MapBackend {
  const records = new Map<string, ResultRecord>();
  const watchers = new Set<{ readonly id: string; tell(meta: ResultMeta): void }>();
  const read = (record: ResultRecord): ResultMeta => decodeResultMeta(encodeResultMeta(record), record.taskId);
  return {
    records,
    watching: () => watchers.size,
    description: "map://",
    async store(record) {
      records.set(record.taskId, record);
      for (const { id, tell } of watchers) if (id === record.taskId) tell(read(record));
    },
    async fetch(id) {
      const record = records.get(id);
      return record === undefined ? undefined : read(record);
    },
    async forget(id) {
      records.delete(id);
    },
    watcher: {
      async watch(id, tell) {
        const watcher = { id, tell };
        watchers.add(watcher);
        const record = records.get(id);
        if (record !== undefined) tell(read(record));
        return {
          async [Symbol.asyncDispose]() {
            watchers.delete(watcher);
          },
        };
      },
    },
    groups: { save: async () => undefined, restore: async () => undefined, delete: async () => undefined },
    async [Symbol.asyncDispose]() {},
  };
}
