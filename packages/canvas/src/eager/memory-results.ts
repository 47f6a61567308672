import type { ResultBackend, ResultMeta, ResultRecord, ResultTuple } from "@celeriac/core";
import { decodeJson } from "@celeriac/core";

/** Results of what ran in this process: kept as long as somebody has a handle of them. */
export interface MemoryResults extends ResultBackend {
  /** The newest record of a task. */
  read(taskId: string): ResultRecord | undefined;
  /** Takes a state that a task has reported on its way: whoever watches the task hears of it, also afterwards. */
  report(meta: ResultMeta): void;
  reportsOf(taskId: string): readonly ResultMeta[];
}

type Watcher = (meta: ResultMeta) => void;

export function createMemoryResults(): MemoryResults {
  const records = new Map<string, ResultRecord>();
  const watchers = new Map<string, Set<Watcher>>();
  const groups = new Map<string, ResultTuple>();
  const reports = new Map<string, ResultMeta[]>();
  const tellAll = (meta: ResultMeta): void => {
    for (const tell of watchers.get(meta.taskId) ?? []) tell(meta);
  };
  const fetch = (id: string): ResultMeta | undefined => {
    const record = records.get(id);
    return record === undefined ? undefined : toMeta(record);
  };
  return {
    description: "this process",
    read: (id) => records.get(id),
    reportsOf: (id) => reports.get(id) ?? [],
    report(meta) {
      const sofar = reports.get(meta.taskId) ?? [];
      sofar.push(meta);
      reports.set(meta.taskId, sofar);
      tellAll(meta);
    },
    async store(record) {
      if (records.get(record.taskId)?.status === "SUCCESS") return;
      records.set(record.taskId, record);
      tellAll(toMeta(record));
    },
    fetch: async (id) => fetch(id),
    async forget(id) {
      records.delete(id);
    },
    watcher: {
      async watch(id, tell) {
        const listening = watchers.get(id) ?? new Set();
        watchers.set(id, listening.add(tell));
        for (const meta of reports.get(id) ?? []) tell(meta);
        const now = fetch(id);
        if (now !== undefined) tell(now);
        return {
          async [Symbol.asyncDispose](): Promise<void> {
            listening.delete(tell);
          },
        };
      },
    },
    groups: {
      async save(id, tuple) {
        groups.set(id, tuple);
      },
      restore: async (id) => groups.get(id),
      async delete(id) {
        groups.delete(id);
      },
    },
    async [Symbol.asyncDispose](): Promise<void> {},
  };
}

function toMeta({ result, ...record }: ResultRecord): ResultMeta {
  const { taskId, status, traceback, children, dateDoneMs } = record;
  return { taskId, status, result: decodeJson(result), traceback, children, dateDoneMs, extra: {} };
}
