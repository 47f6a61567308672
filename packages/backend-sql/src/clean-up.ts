import type { CallOptions, Clock } from "@celeriac/core/ports";
import type { OpenedDatabase } from "./connect/database.js";
import type { SqlSession } from "./connect/sql-session.js";
import { writeDate } from "./dialect/read-value.js";
import type { StatementDraft } from "./dialect/statement.js";

export interface CleanUpOptions {
  readonly session: SqlSession;
  readonly clock: Clock;
  /** Whether there are tables of chords. */
  readonly nativeChords: boolean;
}

/** Which rows of which table. */
type Choice = (opened: OpenedDatabase, draft: StatementDraft) => { readonly path: string; readonly where: string };

/** Rows per statement: none holds up the others for long. */
const ROWS = 2_000;
/** A header may take longer than its results are kept. */
const CHORD_MS = 86_400_000;

/**
 * Deletes results and groups last written more than `olderThanMs` ago, and chords last touched longer ago than that and a
 * day; a few rows at a time, each time with the deadline of the call. Celery's `backend_cleanup`.
 * @returns How many results and groups.
 * @throws BackendError
 */
export async function cleanUp(
  { session, clock, nativeChords }: CleanUpOptions,
  olderThanMs: number,
  callOptions?: CallOptions,
): Promise<number> {
  const nowMs = clock.now();
  const remove = async (choose: Choice): Promise<number> => {
    for (let removed = 0; ; ) {
      const { affected } = await session.run("removing expired results", callOptions, (connection, opened) => {
        const draft = opened.dialect.draft();
        const { path, where } = choose(opened, draft);
        return connection.ask(opened.dialect.deleteSome(path, where, ROWS, draft));
      });
      removed += affected;
      if (affected < ROWS) return removed;
    }
  };
  const before = writeDate(nowMs - olderThanMs);
  const old = (table: "task" | "group"): Choice => {
    return ({ layout }, draft) => ({ path: layout[table].path, where: `date_done < ${draft.bind(before)}` });
  };
  const removed = (await remove(old("task"))) + (await remove(old("group")));
  if (nativeChords) await removeChords(remove, nowMs - Math.max(olderThanMs, CHORD_MS));
  return removed;
}

async function removeChords(remove: (choose: Choice) => Promise<number>, beforeMs: number): Promise<void> {
  const old = (draft: StatementDraft): string => `touched_at < ${draft.bind(beforeMs)}`;
  // The entries first: without its chord an entry would be found by nobody.
  await remove(({ layout }, draft) => {
    const groups = `SELECT group_id FROM ${layout.chord.path} WHERE ${old(draft)}`;
    return { path: layout.chordEntry.path, where: `group_id IN (${groups})` };
  });
  await remove(({ layout }, draft) => ({ path: layout.chord.path, where: old(draft) }));
}
