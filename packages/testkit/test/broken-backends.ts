/**
 * Result backends that break one promise each, to prove that the contract notices.
 * @module
 */
import type { ResultBackend } from "@celeriac/core/ports";
import type { ResultStore } from "../../backend-memory/src/index.js";

/** One broken promise, and the case that must notice it. */
export interface BrokenBackend {
  readonly fault: string;
  readonly noticedBy: string;
  readonly wrap: (backend: ResultBackend, store: ResultStore) => ResultBackend;
}

/** `backend` with some members replaced. */
export function replaced(backend: ResultBackend, members: Partial<ResultBackend>): ResultBackend {
  return {
    description: backend.description,
    watcher: backend.watcher,
    groups: backend.groups,
    ...(backend.chords === undefined ? {} : { chords: backend.chords }),
    store: (...call) => backend.store(...call),
    fetch: (...call) => backend.fetch(...call),
    forget: (...call) => backend.forget(...call),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
    ...members,
  };
}

export const brokenBackends: readonly BrokenBackend[] = [
  {
    fault: "lets any state replace SUCCESS",
    noticedBy: "after SUCCESS no other state is stored",
    wrap: (backend) =>
      replaced(backend, {
        async store(record, options) {
          await backend.forget(record.taskId, options);
          await backend.store(record, options);
        },
      }),
  },
  {
    fault: "keeps the first state for ever",
    noticedBy: "a later state replaces an earlier one",
    wrap: (backend) =>
      replaced(backend, {
        async store(record, options) {
          if ((await backend.fetch(record.taskId, options)) === undefined) await backend.store(record, options);
        },
      }),
  },
  {
    fault: "makes every ready state sticky",
    noticedBy: "other ready states may be replaced",
    wrap: (backend) =>
      replaced(backend, {
        async store(record, options) {
          const current = await backend.fetch(record.taskId, options).catch(() => undefined);
          if (current?.status !== "FAILURE" && current?.status !== "REVOKED") await backend.store(record, options);
        },
      }),
  },
  {
    fault: "watches without reading what is there",
    noticedBy: "a watcher hears the state stored before it came",
    wrap: (backend) =>
      replaced(backend, {
        watcher: {
          async watch(taskId, onMeta, options) {
            const before = await backend.fetch(taskId);
            const isOld = (status: string): boolean => status === before?.status;
            return backend.watcher.watch(taskId, (meta) => isOld(meta.status) || onMeta(meta), options);
          },
        },
      }),
  },
  {
    fault: "reads first and subscribes later",
    noticedBy: "a result stored while the watch begins is not missed",
    wrap: (backend, store) =>
      replaced(backend, {
        watcher: {
          async watch(taskId, onMeta) {
            const current = await backend.fetch(taskId);
            if (current !== undefined) onMeta(current);
            await new Promise(setImmediate);
            const stop = store.listen(taskId, () => {
              void backend.fetch(taskId).then((meta) => meta !== undefined && onMeta(meta));
            });
            return { [Symbol.asyncDispose]: async () => stop() };
          },
        },
      }),
  },
  {
    fault: "tells only one watcher",
    noticedBy: "two watchers of one task both hear it",
    wrap: (backend) => {
      const taken = new Set<string>();
      return replaced(backend, {
        watcher: {
          async watch(taskId, onMeta, options) {
            if (taken.has(taskId)) return { [Symbol.asyncDispose]: async () => undefined };
            taken.add(taskId);
            return backend.watcher.watch(taskId, onMeta, options);
          },
        },
      });
    },
  },
  {
    fault: "goes on telling disposed watchers",
    noticedBy: "a disposed watcher hears nothing more, the other one still does",
    wrap: (backend) =>
      replaced(backend, {
        watcher: {
          async watch(taskId, onMeta, options) {
            await backend.watcher.watch(taskId, onMeta, options);
            return { [Symbol.asyncDispose]: async () => undefined };
          },
        },
      }),
  },
  {
    fault: "hears every second state only",
    noticedBy: "later states are heard in order",
    wrap: (backend) =>
      replaced(backend, {
        watcher: {
          watch(taskId, onMeta, options) {
            let count = 0;
            const everySecond: typeof onMeta = (meta) => {
              count += 1;
              if (count % 2 === 1) onMeta(meta);
            };
            return backend.watcher.watch(taskId, everySecond, options);
          },
        },
      }),
  },
  {
    fault: "announces what SUCCESS shut out",
    noticedBy: "a state that SUCCESS shut out is not heard",
    wrap: (backend) => {
      const heard = new Map<string, Parameters<ResultBackend["watcher"]["watch"]>[1]>();
      return replaced(backend, {
        async store(record, options) {
          await backend.store(record, options);
          const meta = await backend.fetch(record.taskId);
          if (meta !== undefined) heard.get(record.taskId)?.({ ...meta, status: record.status });
        },
        watcher: {
          watch(taskId, onMeta, options) {
            heard.set(taskId, onMeta);
            return backend.watcher.watch(taskId, onMeta, options);
          },
        },
      });
    },
  },
  {
    fault: "loses the traceback",
    noticedBy: "a failure comes back as data, with its traceback",
    wrap: (backend) =>
      replaced(backend, { store: (record, options) => backend.store({ ...record, traceback: null }, options) }),
  },
  {
    fault: "loses the children",
    noticedBy: "children come back as result tuples",
    wrap: (backend) =>
      replaced(backend, { store: (record, options) => backend.store({ ...record, children: [] }, options) }),
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
    fault: "forgets nothing",
    noticedBy: "a forgotten result is gone, and may be stored anew",
    wrap: (backend) => replaced(backend, { forget: async () => undefined }),
  },
  {
    fault: "says that unreadable records do not exist",
    noticedBy: "a stored record that cannot be read is a DecodeError",
    wrap: (backend) => replaced(backend, { fetch: (...call) => backend.fetch(...call).catch(() => undefined) }),
  },
  {
    fault: "serves callers after it was closed",
    noticedBy: "every call on a closed backend is refused as BACKEND_CLOSED",
    wrap: (backend) => replaced(backend, { [Symbol.asyncDispose]: async () => undefined }),
  },
  {
    fault: "keeps groups it was told to delete",
    noticedBy: "a deleted group is gone, and deleting it again no error",
    wrap: (backend) =>
      replaced(backend, {
        groups: {
          save: (...call) => backend.groups.save(...call),
          restore: (...call) => backend.groups.restore(...call),
          delete: async () => undefined,
        },
      }),
  },
];
