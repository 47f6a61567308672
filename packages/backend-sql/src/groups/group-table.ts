/**
 * Saved groups in `celery_tasksetmeta`: for Python the pickle of a GroupResult, which has no parent, and beside it the whole
 * result tuple. PROTOCOL 7.9.
 * @module
 */
import type { CallOptions, Clock, GroupStore, ResultTuple } from "@celeriac/core/ports";
import { encodeGroupMeta } from "@celeriac/core/protocol";
import { writeGroupPickle } from "@celeriac/pickle";
import type { SqlSession } from "../connect/sql-session.js";
import { readText, writeDate } from "../dialect/read-value.js";
import type { SqlValue } from "../dialect/statement.js";
import { checkId } from "../results/check-id.js";
import { EXTRA_COLUMN } from "../tables/wanted-tables.js";
import { decodeGroupRow } from "./group-row.js";

export interface GroupTableOptions {
  readonly session: SqlSession;
  readonly clock: Clock;
}

const COLUMNS = ["taskset_id", "result", "date_done", EXTRA_COLUMN];

export function createGroupTable({ session, clock }: GroupTableOptions): GroupStore {
  return {
    async save(groupId: string, tuple: ResultTuple, options?: CallOptions): Promise<void> {
      checkId("group id", groupId);
      const values: Readonly<Record<string, SqlValue>> = {
        taskset_id: groupId,
        result: writeGroupPickle(tuple),
        date_done: writeDate(clock.now()),
        [EXTRA_COLUMN]: encodeGroupMeta(tuple),
      };
      await session.run("saving a group", options, (connection, { dialect, layout: { group } }) => {
        const columns = COLUMNS.filter((column) => group.columns.has(column));
        const row = columns.map((column) => values[column] ?? null);
        return connection.ask(
          dialect.upsert({ into: group.path, key: ["taskset_id"], columns, rows: [row], id: group.id }),
        );
      });
    },

    async restore(groupId: string, options?: CallOptions): Promise<ResultTuple | undefined> {
      checkId("group id", groupId);
      const { rows } = await session.run("restoring a group", options, (connection, { dialect, layout: { group } }) => {
        const draft = dialect.draft();
        const columns = COLUMNS.filter((column) => column !== "date_done" && group.columns.has(column));
        return connection.ask(
          draft.done(`SELECT ${columns.join(", ")} FROM ${group.path} WHERE taskset_id = ${draft.bind(groupId)}`),
        );
      });
      const row = rows.find((candidate) => readText(candidate.taskset_id) === groupId);
      return row === undefined ? undefined : decodeGroupRow(row);
    },

    async delete(groupId: string, options?: CallOptions): Promise<void> {
      checkId("group id", groupId);
      await session.run("deleting a group", options, (connection, { dialect, layout: { group } }) => {
        const draft = dialect.draft();
        return connection.ask(draft.done(`DELETE FROM ${group.path} WHERE taskset_id = ${draft.bind(groupId)}`));
      });
    },
  };
}
