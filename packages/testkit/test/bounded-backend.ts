import { BackendError } from "@celeriac/core/errors";
import type { ResultBackend } from "@celeriac/core/ports";

/** A backend that refuses ids of more than so many characters, as one with columns does. */
export function boundedBackend(backend: ResultBackend, maxIdLength: number): ResultBackend {
  const checked = (id: string): string => {
    if (id.length <= maxIdLength) return id;
    throw new BackendError("The id is too long.", { code: "BACKEND_REFUSED" });
  };
  return {
    description: backend.description,
    watcher: backend.watcher,
    ...(backend.chords === undefined ? {} : { chords: backend.chords }),
    store: async (record, options) => {
      checked(record.taskId);
      await backend.store(record, options);
    },
    fetch: (...call) => backend.fetch(...call),
    forget: (...call) => backend.forget(...call),
    groups: {
      save: async (groupId, ...rest) => backend.groups.save(checked(groupId), ...rest),
      restore: (...call) => backend.groups.restore(...call),
      delete: (...call) => backend.groups.delete(...call),
    },
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}
