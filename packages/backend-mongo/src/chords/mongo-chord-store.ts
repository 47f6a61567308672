/**
 * Joins chords in two collections of ours. For fleets without Python workers, which would not count here.
 * @module
 */
import { type BatchItem, createSerialBatch, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, ChordPart, ChordStanding, ChordStore, Clock } from "@celeriac/core/ports";
import type { MongoSession } from "../connect/mongo-session.js";
import { checkId } from "../results/check-id.js";
import { ChordDocuments } from "./chord-documents.js";
import { recordParts } from "./record-parts.js";

export interface MongoChordStoreOptions {
  readonly session: MongoSession;
  readonly clock: Clock;
}

export interface MongoChordStore extends ChordStore {
  /** Resolves when no completion waits to be recorded. */
  drain(): Promise<void>;
}

/** A completion, and how long somebody waits for its standing. */
interface Recording {
  readonly part: ChordPart;
  readonly timeoutMs: number;
}
type Item = BatchItem<Recording, ChordStanding>;

const PARTS = 1_000;
const BYTES = 4 * 1_048_576;
const ADDING = "recording a header task of a chord";

export function createMongoChordStore({ session, clock }: MongoChordStoreOptions): MongoChordStore {
  const change = <T>(
    doing: string,
    options: CallOptions | undefined,
    work: (documents: ChordDocuments) => Promise<T>,
  ): Promise<T> => session.run(doing, options, (opened) => work(new ChordDocuments(opened, clock.now())));

  const flush = async (items: readonly Item[]): Promise<void> => {
    for (const [groupId, members] of byGroup(items)) {
      const parts = members.map((item) => item.value.part);
      const timeoutMs = Math.max(...members.map((item) => item.value.timeoutMs));
      try {
        const standings = await change(ADDING, { timeoutMs }, (documents) => recordParts(documents, groupId, parts));
        members.forEach((item, place) => {
          item.resolve(standings[place] ?? { kind: "closed" });
        });
      } catch (error) {
        for (const item of members) item.reject(error);
      }
    }
  };
  const weigh = ({ part }: Recording): number => part.result.length;
  const record = createSerialBatch<Recording, ChordStanding>({ flush, maxItems: PARTS, maxWeight: BYTES, weigh });

  return {
    async setSize(groupId, size, options) {
      checkId("group id", groupId);
      await change("setting the size of a chord", options, (documents) => documents.setSize(groupId, size));
    },
    async extend(groupId, memberId, options) {
      checkId("group id", groupId);
      checkId("task id", memberId);
      await change("extending a chord", options, (documents) => documents.addMember(groupId, memberId));
    },
    async addPart(part, options) {
      options?.signal?.throwIfAborted();
      session.refuseWhenClosed(ADDING);
      checkId("group id", part.groupId);
      checkId("task id", part.taskId);
      const { timeoutMs = session.timeoutMs, signal } = options ?? {};
      const submission = record({ part, timeoutMs });
      try {
        return await withDeadline(submission.promise, { timeoutMs, signal }, () => session.lateFailure(ADDING));
      } finally {
        submission.withdraw();
      }
    },
    async close(groupId, options) {
      checkId("group id", groupId);
      await change("closing a chord", options, (documents) => documents.close(groupId));
    },
    drain: () => record.drain(),
  };
}

function byGroup(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const members = groups.get(item.value.part.groupId) ?? [];
    members.push(item);
    groups.set(item.value.part.groupId, members);
  }
  return groups;
}
