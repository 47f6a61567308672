import { setImmediate as nextTurn } from "node:timers/promises";
import { BackendError } from "@celeriac/core/errors";
import type { ResultBackend, ResultTuple } from "@celeriac/core/ports";
import { type BrokenBackend, groupsChanged, replaced, watchReplaced } from "./broken-backend.js";

/** As a column of this width that cuts in silence. */
const WIDTH = 155;

/** Backends that fail at the edges: odd ids, saved groups, many calls at once, signals, and after close. */
export const limitFaults: readonly BrokenBackend[] = [
  {
    fault: "finds a group that nobody saved",
    noticedBy: "a group that was not saved is undefined",
    wrap: groupsChanged((groups) => ({
      restore: async (groupId, options) => (await groups.restore(groupId, options)) ?? [[groupId, null], []],
    })),
  },
  {
    fault: "saves groups in its memory",
    noticedBy: "a saved group is restored, from another backend too",
    wrap: groupsChanged(() => {
      const saved = new Map<string, ResultTuple>();
      return {
        save: async (groupId, tuple) => void saved.set(groupId, tuple),
        restore: async (groupId) => saved.get(groupId),
      };
    }),
  },
  {
    fault: "saves a group only once",
    noticedBy: "saving a group again replaces it",
    wrap: groupsChanged((groups) => ({
      save: async (groupId, tuple, options) => {
        if ((await groups.restore(groupId)) === undefined) await groups.save(groupId, tuple, options);
      },
    })),
  },
  {
    fault: "keeps groups it was told to delete",
    noticedBy: "a deleted group is gone, and deleting it again no error",
    wrap: groupsChanged(() => ({ delete: async () => undefined })),
  },
  {
    fault: "forgets the group of the same name",
    noticedBy: "a group and a task of the same id do not touch each other",
    wrap: (backend) =>
      replaced(backend, {
        forget: async (taskId, options) => {
          await backend.forget(taskId, options);
          await backend.groups.delete(taskId, options);
        },
      }),
  },
  {
    fault: "folds the case of ids",
    noticedBy: "odd ids are kept apart",
    wrap: (backend) =>
      replaced(backend, {
        store: (record, options) => backend.store({ ...record, taskId: record.taskId.toLowerCase() }, options),
        fetch: (taskId, options) => backend.fetch(taskId.toLowerCase(), options),
      }),
  },
  {
    fault: "folds the case of group ids",
    noticedBy: "odd group ids are kept apart",
    wrap: groupsChanged((groups) => ({
      save: (groupId, ...rest) => groups.save(groupId.toLowerCase(), ...rest),
      restore: (groupId, ...rest) => groups.restore(groupId.toLowerCase(), ...rest),
    })),
  },
  {
    fault: "cuts ids to the width of a column",
    noticedBy: "ids of 200 characters are kept apart",
    wrap: (backend) =>
      replaced(backend, {
        store: (record, options) => backend.store({ ...record, taskId: record.taskId.slice(0, WIDTH) }, options),
        fetch: (taskId, options) => backend.fetch(taskId.slice(0, WIDTH), options),
      }),
  },
  {
    fault: "cuts group ids to the width of a column",
    noticedBy: "group ids of 200 characters are kept apart",
    wrap: groupsChanged((groups) => ({
      save: (groupId, ...rest) => groups.save(groupId.slice(0, WIDTH), ...rest),
      restore: (groupId, ...rest) => groups.restore(groupId.slice(0, WIDTH), ...rest),
    })),
  },
  {
    fault: "says nothing of an id that it cannot keep",
    noticedBy: "an id longer than the store can hold is refused, not cut",
    wrap: (backend) => replaced(backend, { store: (...call) => backend.store(...call).catch(() => undefined) }),
  },
  {
    fault: "keeps a hundred stores at once",
    noticedBy: "five hundred concurrent stores are all kept",
    wrap: (backend) => {
      let underWay = 0;
      return replaced(backend, {
        store: async (...call) => {
          underWay += 1;
          if (underWay <= 100) await backend.store(...call);
          else await Promise.resolve();
          setImmediate(() => {
            underWay = 0;
          });
        },
      });
    },
  },
  {
    fault: "stores what it is asked in one tick backwards",
    noticedBy: "concurrent stores for one task leave the last one asked for",
    wrap: (backend) => {
      const tick: (() => void)[] = [];
      return replaced(backend, {
        store: (...call) =>
          new Promise((resolve, reject) => {
            if (tick.length === 0)
              setImmediate(() =>
                tick
                  .splice(0)
                  .reverse()
                  .map((go) => go()),
              );
            tick.push(() => backend.store(...call).then(resolve, reject));
          }),
      });
    },
  },
  {
    fault: "ignores deadlines",
    noticedBy: "a call that gets no answer fails at its deadline",
    wrap: (backend) =>
      replaced(backend, { store: (record, { timeoutMs, ...options } = {}) => backend.store(record, options) }),
  },
  {
    fault: "ignores signals",
    noticedBy: "an aborted signal rejects the call with its reason",
    wrap: (backend) => replaced(backend, { fetch: (taskId) => backend.fetch(taskId) }),
  },
  {
    fault: "serves callers after it was closed",
    noticedBy: "every call on a closed backend is refused as BACKEND_CLOSED",
    wrap: (backend) => replaced(backend, { [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    fault: "leaves watches waiting when it is closed",
    noticedBy: "closing a backend while a watch begins leaves nobody waiting",
    wrap: leaveWaiting,
  },
  {
    fault: "leaves watches waiting when it is closed",
    noticedBy: "closing a backend while a watch begins leaves nobody waiting, though the store does not answer",
    wrap: leaveWaiting,
  },
  {
    fault: "refuses to be closed again",
    noticedBy: "closing twice is safe, with watchers open too",
    wrap: (backend) => {
      let isClosed = false;
      return replaced(backend, {
        async [Symbol.asyncDispose]() {
          if (isClosed) throw new Error("The backend is closed.");
          isClosed = true;
          await backend[Symbol.asyncDispose]();
        },
      });
    },
  },
  {
    fault: "closes its peers too",
    noticedBy: "closing one backend leaves its peers at work",
    wrap: (backend, notes) =>
      replaced(backend, {
        store: async (...call) => {
          const message = "The connection is closed.";
          if (notes.has("closed")) throw new BackendError(message, { code: "BACKEND_UNAVAILABLE" });
          await backend.store(...call);
        },
        async [Symbol.asyncDispose]() {
          notes.add("closed");
          await backend[Symbol.asyncDispose]();
        },
      }),
  },
  {
    fault: "shows the password",
    noticedBy: "a backend describes itself without credentials",
    wrap: (backend) => replaced(backend, { description: "redis://me:secret@localhost:6379/0" }),
  },
];

function leaveWaiting(backend: ResultBackend): ResultBackend {
  return watchReplaced(async (sound, taskId, onMeta, options) => {
    for (let turns = 0; turns < 3; turns += 1) await nextTurn(); // closed meanwhile, if it is to be closed
    return sound.watcher.watch(taskId, onMeta, options).catch(() => new Promise<never>(() => undefined));
  })(backend, new Set());
}
