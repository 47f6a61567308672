import type { CallOptions, Clock } from "@celeriac/core/ports";
import type { Collection, Filter } from "mongodb";
import type { OpenedServer, StoredDocument } from "./connect/mongo-server.js";
import type { MongoSession } from "./connect/mongo-session.js";

export interface CleanUpOptions {
  readonly session: MongoSession;
  readonly clock: Clock;
  /** Whether there are collections of chords. */
  readonly nativeChords: boolean;
}

type Documents = Collection<StoredDocument>;
type Choose = (opened: OpenedServer) => Documents;

/** Documents per command: none holds up the others for long. */
const DOCUMENTS = 2_000;
/** A header may take longer than its results are kept. */
const CHORD_MS = 86_400_000;

/**
 * Deletes results and groups last written more than `olderThanMs` ago, and chords last touched longer ago than that and a
 * day; some at a time, each time with the deadline of the call. Celery's `backend_cleanup`, which leaves what has no date:
 * states that are not ready. Of those ours go too; Python's do not say when they were written.
 * @returns How many results and groups.
 * @throws BackendError
 */
export async function cleanUp(
  { session, clock, nativeChords }: CleanUpOptions,
  olderThanMs: number,
  callOptions?: CallOptions,
): Promise<number> {
  const nowMs = clock.now();
  const remove = async (choose: Choose, filter: Filter<StoredDocument>): Promise<number> => {
    for (let removed = 0; ; ) {
      const count = await session.run("removing expired results", callOptions, (opened) =>
        removeSome(choose(opened), filter),
      );
      removed += count;
      if (count < DOCUMENTS) return removed;
    }
  };
  const before = new Date(nowMs - olderThanMs);
  const removed =
    (await remove(({ tasks }) => tasks, { date_done: { $lt: before } })) +
    (await remove(({ tasks }) => tasks, { date_done: null, "celeriac.at": { $lt: before } })) +
    (await remove(({ groups }) => groups, { date_done: { $lt: before } }));
  if (nativeChords) await removeChords(session, new Date(nowMs - Math.max(olderThanMs, CHORD_MS)), callOptions);
  return removed;
}

/** By id, and only if it is still as old: it may have been written meanwhile. */
async function removeSome(documents: Documents, filter: Filter<StoredDocument>): Promise<number> {
  const ids = await someIds(documents, filter);
  if (ids.length > 0) await documents.deleteMany({ $and: [{ _id: { $in: ids } }, filter] });
  return ids.length;
}

async function removeChords(session: MongoSession, before: Date, callOptions?: CallOptions): Promise<void> {
  const filter = { touched_at: { $lt: before } };
  for (let count = DOCUMENTS; count === DOCUMENTS; ) {
    count = await session.run("removing expired chords", callOptions, async ({ chords, chordParts }) => {
      const ids = await someIds(chords, filter);
      // The parts first: without its chord a part would be found by nobody.
      if (ids.length > 0) await chordParts.deleteMany({ group: { $in: ids } });
      if (ids.length > 0) await chords.deleteMany({ $and: [{ _id: { $in: ids } }, filter] });
      return ids.length;
    });
  }
}

async function someIds<T extends { readonly _id: string }>(
  documents: Collection<T>,
  filter: Filter<T>,
): Promise<string[]> {
  const found = await documents.find(filter, { projection: { _id: 1 }, limit: DOCUMENTS }).toArray();
  return found.map(({ _id }) => _id);
}
