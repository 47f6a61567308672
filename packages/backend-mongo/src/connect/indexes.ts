import type { Collection, IndexSpecification } from "mongodb";
import type { BackendSettings } from "../options/backend-settings.js";
import type { OpenedServer } from "./mongo-server.js";

/** When what we wrote expires; Python, which writes documents whole, leaves none of ours there. */
export const EXPIRES_AT = "celeriac.expires_at";

/**
 * Makes the index that Celery makes, and those that we use. Where the server or the rights of the user do not allow one,
 * everything works without it, only slower; results then go when `cleanup` is called. Never rejects.
 */
export async function makeIndexes(opened: OpenedServer, settings: BackendSettings): Promise<void> {
  const make = (
    collection: Pick<Collection, "createIndex">,
    fields: IndexSpecification,
    options: { readonly expireAfterSeconds?: number } = {},
  ): Promise<unknown> => collection.createIndex(fields, { ...options }).catch(() => undefined);
  const work: Promise<unknown>[] = [];
  for (const collection of [opened.tasks, opened.groups]) {
    // Just as Celery makes it, or one side's would be refused: so it is another one that lets results expire.
    work.push(make(collection, { date_done: 1 }));
    if (settings.expiresMs > 0) work.push(make(collection, { [EXPIRES_AT]: 1 }, { expireAfterSeconds: 0 }));
  }
  if (settings.nativeChords) {
    work.push(make(opened.chords, { touched_at: 1 }), make(opened.chordParts, { group: 1 }));
  }
  await Promise.all(work);
}
