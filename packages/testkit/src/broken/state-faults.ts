import { BackendError } from "@celeriac/core/errors";
import { systemClock } from "@celeriac/core/lifecycle";
import { type BrokenBackend, pendingMeta, replaced } from "./broken-backend.js";

/** Between two steps that should be one: enough for another backend to store SUCCESS meanwhile. */
const GAP_MS = 30;

/** Backends that store, find and forget states in another way than they say. */
export const stateFaults: readonly BrokenBackend[] = [
  {
    fault: "finds a state that nobody stored",
    noticedBy: "a task nothing is stored for is undefined",
    wrap: (backend) =>
      replaced(backend, {
        fetch: async (taskId, options) => (await backend.fetch(taskId, options)) ?? pendingMeta(taskId),
      }),
  },
  {
    fault: "finds the state but not the result",
    noticedBy: "what is stored is fetched",
    wrap: (backend) =>
      replaced(backend, {
        fetch: async (...call) => {
          const meta = await backend.fetch(...call);
          return meta && { ...meta, result: null };
        },
      }),
  },
  {
    fault: "finds only what it stored itself",
    noticedBy: "what one backend stores another one fetches",
    wrap: (backend) => {
      const own = new Set<string>();
      return replaced(backend, {
        store: (record, options) => {
          own.add(record.taskId);
          return backend.store(record, options);
        },
        fetch: async (taskId, options) => (own.has(taskId) ? backend.fetch(taskId, options) : undefined),
      });
    },
  },
  {
    fault: "takes its results along when it is closed",
    noticedBy: "results outlive the backend that stored them",
    wrap: (backend) => {
      const own = new Set<string>();
      return replaced(backend, {
        store: (record, options) => {
          own.add(record.taskId);
          return backend.store(record, options);
        },
        async [Symbol.asyncDispose]() {
          for (const taskId of own) await backend.forget(taskId);
          own.clear();
          await backend[Symbol.asyncDispose]();
        },
      });
    },
  },
  {
    fault: "lets any state replace SUCCESS",
    noticedBy: "after SUCCESS no other state is stored",
    wrap: (backend) =>
      replaced(backend, {
        store: async (record, options) => {
          await backend.forget(record.taskId, options);
          await backend.store(record, options);
        },
      }),
  },
  {
    fault: "respects only the SUCCESS that it stored itself",
    noticedBy: "SUCCESS is sticky across backends",
    wrap: (backend) => {
      const own = new Set<string>();
      return replaced(backend, {
        store: async (record, options) => {
          if (!own.has(record.taskId)) await backend.forget(record.taskId, options);
          own.add(record.taskId);
          await backend.store(record, options);
        },
      });
    },
  },
  {
    fault: "looks for SUCCESS in one step and stores in another",
    noticedBy: "SUCCESS stays when other states are stored at the same moment",
    wrap: (backend) =>
      replaced(backend, {
        store: async (record, options) => {
          const isDone = (await backend.fetch(record.taskId, options))?.status === "SUCCESS";
          if (record.status !== "SUCCESS") await systemClock.sleep(GAP_MS);
          if (isDone) return;
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
        store: async (record, options) => {
          if ((await backend.fetch(record.taskId, options)) === undefined) await backend.store(record, options);
        },
      }),
  },
  {
    fault: "makes every ready state sticky",
    noticedBy: "other ready states may be replaced",
    wrap: (backend) =>
      replaced(backend, {
        store: async (record, options) => {
          const current = await backend.fetch(record.taskId, options).catch(() => undefined);
          if (current?.status !== "FAILURE" && current?.status !== "REVOKED") await backend.store(record, options);
        },
      }),
  },
  {
    fault: "forgets nothing",
    noticedBy: "a forgotten result is gone, and may be stored anew",
    wrap: (backend) => replaced(backend, { forget: async () => undefined }),
  },
  {
    fault: "fails to forget what is not there",
    noticedBy: "forgetting what is not there is no error",
    wrap: (backend) =>
      replaced(backend, {
        forget: async (taskId, options) => {
          const meta = await backend.fetch(taskId, options);
          if (meta === undefined) throw new BackendError("There is no such result.", { code: "BACKEND_REFUSED" });
          await backend.forget(taskId, options);
        },
      }),
  },
  {
    fault: "forgets whatever begins with the id",
    noticedBy: "forgetting one result leaves the others",
    wrap: (backend) =>
      replaced(backend, {
        forget: async (taskId, options) => {
          for (const end of ["", "1", "2"]) await backend.forget(taskId + end, options);
        },
      }),
  },
];
