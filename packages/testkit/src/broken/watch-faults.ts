import { setImmediate as nextTurn } from "node:timers/promises";
import type { ResultMeta } from "@celeriac/core/protocol";
import {
  type BrokenBackend,
  deafWatch,
  pendingMeta,
  replaced,
  watchersChanged,
  watchReplaced,
} from "./broken-backend.js";

/** Backends whose watchers hear too much, too little, or at the wrong time. */
export const watchFaults: readonly BrokenBackend[] = [
  {
    fault: "watches without reading what is there",
    noticedBy: "a watcher hears the state stored before it came",
    wrap: watchersChanged(async (onMeta, taskId, backend) => {
      const before = await backend.fetch(taskId);
      return (meta) => void (meta.status === before?.status || onMeta(meta));
    }),
  },
  {
    fault: "tells that nothing is stored",
    noticedBy: "a watcher hears nothing while nothing is stored",
    wrap: watchersChanged((onMeta, taskId) => {
      onMeta(pendingMeta(taskId));
      return onMeta;
    }),
  },
  {
    fault: "reads once and goes home",
    noticedBy: "a watcher hears a result stored later",
    wrap: watchReplaced(async (backend, taskId, onMeta) => {
      const meta = await backend.fetch(taskId);
      if (meta !== undefined) onMeta(meta);
      return deafWatch;
    }),
  },
  {
    fault: "tells only of what it stores itself",
    noticedBy: "a watcher hears what another backend stores",
    wrap: (backend) => {
      const own = new Set<string>();
      const storing = replaced(backend, {
        store: (record, options) => {
          own.add(record.taskId);
          return backend.store(record, options);
        },
      });
      return watchersChanged((onMeta, taskId) => (meta) => void (own.has(taskId) && onMeta(meta)))(storing, own);
    },
  },
  {
    fault: "hears every second state only",
    noticedBy: "later states are heard in order",
    wrap: watchersChanged((onMeta) => {
      let count = 0;
      return (meta) => {
        count += 1;
        if (count % 2 === 1) onMeta(meta);
      };
    }),
  },
  {
    fault: "tells an old state after the last one",
    noticedBy: "states stored in haste end with the last one, never out of order",
    wrap: watchersChanged((onMeta) => (meta) => {
      onMeta(meta);
      if (meta.status === "SUCCESS") onMeta({ ...meta, status: "PROGRESS", result: 0 });
    }),
  },
  {
    fault: "reads first and subscribes later",
    noticedBy: "a result stored while the watch begins is not missed",
    wrap: watchReplaced(async (backend, taskId, onMeta, options) => {
      const current = await backend.fetch(taskId);
      if (current !== undefined) onMeta(current);
      await nextTurn();
      const missed = await backend.fetch(taskId);
      const tellLater = (meta: ResultMeta): void => void (meta.status === missed?.status || onMeta(meta));
      return backend.watcher.watch(taskId, tellLater, options);
    }),
  },
  {
    fault: "announces what SUCCESS shut out",
    noticedBy: "a state that SUCCESS shut out is not heard",
    wrap: (backend, notes) => {
      const heard = new Map<string, (meta: ResultMeta) => void>();
      const watching = watchersChanged((onMeta, taskId) => {
        heard.set(taskId, onMeta);
        return onMeta;
      })(backend, notes);
      return replaced(watching, {
        store: async (record, options) => {
          await backend.store(record, options);
          const meta = await backend.fetch(record.taskId);
          if (meta !== undefined) heard.get(record.taskId)?.({ ...meta, status: record.status });
        },
      });
    },
  },
  {
    fault: "tells only one watcher",
    noticedBy: "two watchers of one task both hear it",
    wrap: (backend, notes) => {
      const taken = new Set<string>();
      return watchReplaced(async (sound, taskId, onMeta, options) => {
        if (taken.has(taskId)) return deafWatch;
        taken.add(taskId);
        return sound.watcher.watch(taskId, onMeta, options);
      })(backend, notes);
    },
  },
  {
    fault: "tells only one watcher",
    noticedBy: "a task can be watched again after its watchers are gone",
    wrap: (backend, notes) => {
      const taken = new Set<string>();
      return watchReplaced(async (sound, taskId, onMeta, options) => {
        if (taken.has(taskId)) return deafWatch;
        taken.add(taskId);
        return sound.watcher.watch(taskId, onMeta, options);
      })(backend, notes);
    },
  },
  {
    fault: "goes on telling disposed watchers",
    noticedBy: "a disposed watcher hears nothing more, the other one still does",
    wrap: watchReplaced(async (backend, taskId, onMeta, options) => {
      await backend.watcher.watch(taskId, onMeta, options);
      return deafWatch;
    }),
  },
  {
    fault: "watches fifty tasks",
    noticedBy: "a hundred tasks watched at once are told apart",
    wrap: (backend, notes) => {
      let count = 0;
      return watchReplaced(async (sound, taskId, onMeta, options) => {
        count += 1;
        return count > 50 ? deafWatch : sound.watcher.watch(taskId, onMeta, options);
      })(backend, notes);
    },
  },
  {
    fault: "watches only ids that are words",
    noticedBy: "odd ids can be watched",
    wrap: watchReplaced((backend, taskId, onMeta, options) =>
      backend.watcher.watch(taskId.replace(/\W/g, "_"), onMeta, options),
    ),
  },
];
