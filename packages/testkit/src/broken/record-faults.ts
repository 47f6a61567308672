import { type BrokenBackend, recordsChanged, replaced } from "./broken-backend.js";

/** Backends that lose a part of what they store. */
export const recordFaults: readonly BrokenBackend[] = [
  {
    fault: "takes null for nothing",
    noticedBy: "values of every JSON kind come back",
    wrap: recordsChanged((record) => (record.result === "null" ? { ...record, result: '""' } : record)),
  },
  {
    fault: "loses the traceback",
    noticedBy: "a failure comes back as data, with its traceback",
    wrap: recordsChanged((record) => ({ ...record, traceback: null })),
  },
  {
    fault: "loses the meta of states that it does not know",
    noticedBy: "the meta of a custom state comes back",
    wrap: recordsChanged((record) => (record.status === "PROGRESS" ? { ...record, result: "null" } : record)),
  },
  {
    fault: "loses the children",
    noticedBy: "children come back as result tuples",
    wrap: recordsChanged((record) => ({ ...record, children: [] })),
  },
  {
    fault: "dates every state",
    noticedBy: "the date is kept for ready states and absent for others",
    wrap: recordsChanged((record) => ({ ...record, dateDoneMs: record.dateDoneMs ?? 0 })),
  },
  {
    fault: "loses the group",
    noticedBy: "group and parent come back, and stay absent when absent",
    wrap: recordsChanged(({ groupId, ...record }) => record),
  },
  {
    fault: "loses the extended fields",
    noticedBy: "extended fields come back under their wire names",
    wrap: recordsChanged(({ extended, ...record }) => record),
  },
  {
    fault: "loses the stamps",
    noticedBy: "stamps come back",
    wrap: recordsChanged(({ stamps, ...record }) => record),
  },
  {
    fault: "says that unreadable records do not exist",
    noticedBy: "a stored record that cannot be read is a DecodeError",
    wrap: (backend) => replaced(backend, { fetch: (...call) => backend.fetch(...call).catch(() => undefined) }),
  },
  {
    fault: "reads before it stores",
    noticedBy: "a record that cannot be read may be replaced",
    wrap: (backend) =>
      replaced(backend, {
        store: async (record, options) => {
          await backend.fetch(record.taskId, options);
          await backend.store(record, options);
        },
      }),
  },
  {
    fault: "cuts a result at 64 KiB",
    noticedBy: "a result of 1 MiB comes back whole, to watchers too",
    wrap: recordsChanged((record) => (record.result.length > 65_536 ? { ...record, result: "null" } : record)),
  },
];
