import type { ResultBackend, ResultRecord } from "@celeriac/core";

/** The backend with another `store`. */
export function wrapBackend(
  backend: ResultBackend,
  store: (record: ResultRecord, backend: ResultBackend) => Promise<void>,
): ResultBackend {
  return {
    description: backend.description,
    watcher: backend.watcher,
    groups: backend.groups,
    ...(backend.chords === undefined ? {} : { chords: backend.chords }),
    fetch: (id, options) => backend.fetch(id, options),
    forget: (id, options) => backend.forget(id, options),
    store: (record) => store(record, backend),
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}

/** The backend of a store that cannot count: chords are joined by `celery.chord_unlock`. */
export function withoutChords(backend: ResultBackend): ResultBackend {
  const { chords, ...rest } = wrapBackend(backend, (record) => backend.store(record));
  return rest;
}
