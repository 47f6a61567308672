/**
 * Joins chords in two tables of ours: a row per chord that counts, and a row per completion. For fleets without Python
 * workers, which would not count here.
 *
 * Invariants: those of `ChordStore`. The row of a chord is locked from the first look to the commit, so that decisions about
 * one chord follow one another in whatever worker they are made.
 * @module
 */

import { BackendError } from "@celeriac/core/errors";
import { type BatchItem, createSerialBatch, withDeadline } from "@celeriac/core/lifecycle";
import type { CallOptions, ChordEntry, ChordPart, ChordStanding, ChordStore, Clock } from "@celeriac/core/ports";
import { decodeJson } from "@celeriac/core/protocol";
import { splitRefused } from "../batch/split-refused.js";
import type { Awaited, SqlSession } from "../connect/sql-session.js";
import { ChordRows } from "./chord-rows.js";
import { countParts, inOrder, type PartOutcome, type RecordedPart } from "./count-parts.js";

export interface SqlChordStoreOptions {
  readonly session: SqlSession;
  readonly clock: Clock;
}

type Item = BatchItem<ChordPart & Awaited, ChordStanding>;

/** Keeps a transaction from holding its locks for long. */
const PARTS = 500;
const BYTES = 1_048_576;
/** Results nest less deep than this. */
const MAX_DEPTH = 2_000;
/** Width of the columns for ids. */
const KEY_BYTES = 620;
const ADDING = "recording a header task of a chord";

export interface SqlChordStore extends ChordStore {
  /** Resolves when no part waits to be recorded any more. Never rejects; as long as the database takes. */
  drain(): Promise<void>;
}

export function createSqlChordStore({ session, clock }: SqlChordStoreOptions): SqlChordStore {
  const change = <T>(
    doing: string,
    options: CallOptions | undefined,
    work: (rows: ChordRows) => Promise<T>,
  ): Promise<T> =>
    session.run(doing, options, (connection, opened) =>
      connection.transaction(() => work(new ChordRows(connection, opened, clock.now()))),
    );

  const flush = async (items: readonly Item[]): Promise<void> => {
    // Always in the same order, or two workers could wait for each other.
    const groups = [...byGroup(items)].sort(([left], [right]) => (left < right ? -1 : 1));
    const patience = session.patienceOf(items.map((item) => item.value));
    const standings = await change(`recording ${items.length} header tasks of chords`, patience, async (rows) => {
      const decided = new Map<Item, ChordStanding>();
      for (const [groupId, members] of groups) await recordGroup(rows, groupId, members, decided);
      return decided;
    });
    for (const [item, standing] of standings) item.resolve(standing);
  };
  const flushAll = (items: readonly Item[]): Promise<void> => splitRefused(items, flush);
  const weigh = (part: ChordPart): number => part.result.length;
  const record = createSerialBatch<ChordPart & Awaited, ChordStanding>({
    flush: flushAll,
    maxItems: PARTS,
    maxWeight: BYTES,
    weigh,
  });

  return {
    drain: () => record.drain(),
    async setSize(groupId, size, options) {
      checkKeys(groupId);
      await change("setting the size of a chord", options, async (rows) => {
        const state = await rows.lock(groupId);
        if (!state.isClosed && state.finisher === undefined) await rows.save(groupId, { ...state, size });
      });
    },
    async extend(groupId, memberId, options) {
      checkKeys(groupId, memberId);
      await change("extending a chord", options, async (rows) => {
        const state = await rows.lock(groupId);
        if (state.isClosed || state.finisher !== undefined) return;
        if ((await rows.recorded(groupId, "m", [memberId])).size > 0) return;
        await rows.addMember(groupId, memberId);
        await rows.save(groupId, { ...state, members: state.members + 1 });
      });
    },
    async addPart(part, options) {
      options?.signal?.throwIfAborted();
      session.throwIfClosing(ADDING);
      checkKeys(part.groupId, part.taskId);
      const limits = { timeoutMs: options?.timeoutMs ?? session.timeoutMs, signal: options?.signal };
      const submission = record({ ...part, untilMs: session.untilMs(options) });
      try {
        return await withDeadline(submission.promise, limits, () => session.lateFailure(ADDING));
      } finally {
        submission.withdraw();
      }
    },
    async close(groupId, options) {
      checkKeys(groupId);
      await change("closing a chord", options, async (rows) => {
        const state = await rows.lock(groupId);
        if (state.isClosed) return;
        await rows.removeEntries(groupId);
        await rows.save(groupId, { ...state, isClosed: true });
      });
    },
  };
}

async function recordGroup(
  rows: ChordRows,
  groupId: string,
  items: readonly Item[],
  decided: Map<Item, ChordStanding>,
): Promise<void> {
  const parts = items.map((item) => item.value);
  const before = await rows.lock(groupId);
  const isCounting = !before.isClosed && before.finisher === undefined;
  const taskIds = parts.map(({ taskId }) => taskId);
  const recorded = isCounting ? await rows.recorded(groupId, "p", taskIds) : new Set<string>();
  const { state, fresh, outcomes } = countParts(before, parts, recorded);
  if (fresh.length > 0) await rows.addParts(groupId, fresh);
  if (isCounting) await rows.save(groupId, state);
  const entries = outcomes.includes("complete") ? [...(await rows.parts(groupId))].sort(inOrder).map(entryOf) : [];
  items.forEach((item, index) => {
    decided.set(item, standingOf(outcomes[index] ?? "closed", entries));
  });
}

function standingOf(outcome: PartOutcome, entries: readonly ChordEntry[]): ChordStanding {
  return outcome === "complete" ? { kind: "complete", entries } : { kind: outcome };
}

function entryOf({ taskId, status, result }: RecordedPart): ChordEntry {
  return { taskId, status, result: decodeJson(result, { maxDepth: MAX_DEPTH }) };
}

function byGroup(items: readonly Item[]): ReadonlyMap<string, readonly Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const members = groups.get(item.value.groupId) ?? [];
    members.push(item);
    groups.set(item.value.groupId, members);
  }
  return groups;
}

/** @throws BackendError `BACKEND_REFUSED` for an id that does not fit. */
function checkKeys(...ids: readonly string[]): void {
  for (const id of ids) {
    if (Buffer.byteLength(id) <= KEY_BYTES) continue;
    const message = `The id "${id.slice(0, 60)}..." is longer than ${KEY_BYTES} bytes; a chord cannot hold it.`;
    throw new BackendError(message, { code: "BACKEND_REFUSED" });
  }
}
