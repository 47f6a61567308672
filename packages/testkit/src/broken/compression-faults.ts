import type { ResultMeta } from "@celeriac/core/protocol";
import { type BrokenBackend, replaced, watchersChanged } from "./broken-backend.js";

const isLong = (meta: ResultMeta | undefined): boolean => JSON.stringify(meta?.result ?? null).length > 1_000;

/** Backends that take what is compressed for something else. */
export const compressionFaults: readonly BrokenBackend[] = [
  {
    fault: "finds nothing in what is compressed",
    noticedBy: "a result that a peer compressed is fetched and heard of by one that does not compress",
    wrap: (backend) =>
      replaced(backend, {
        fetch: async (...call) => {
          const meta = await backend.fetch(...call);
          return isLong(meta) ? undefined : meta;
        },
      }),
  },
  {
    fault: "does not tell its watchers what is compressed",
    noticedBy: "a result that a peer compressed is fetched and heard of by one that does not compress",
    wrap: watchersChanged((onMeta) => (meta) => {
      if (!isLong(meta)) onMeta(meta);
    }),
  },
  {
    fault: "does not see that what is compressed is SUCCESS",
    noticedBy: "a SUCCESS that a peer compressed is sticky, and its other states are not",
    wrap: (backend) =>
      replaced(backend, {
        store: async (record, options) => {
          if (isLong(await backend.fetch(record.taskId, options))) await backend.forget(record.taskId, options);
          await backend.store(record, options);
        },
      }),
  },
  {
    fault: "takes everything that is compressed for SUCCESS",
    noticedBy: "a SUCCESS that a peer compressed is sticky, and its other states are not",
    wrap: (backend) =>
      replaced(backend, {
        store: async (record, options) => {
          if (!isLong(await backend.fetch(record.taskId, options))) await backend.store(record, options);
        },
      }),
  },
];
