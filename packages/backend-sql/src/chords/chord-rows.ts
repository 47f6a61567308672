/**
 * Reads and writes the tables of chords. Whoever changes a chord locks its row first, and all lock them in the same order.
 * @module
 */
import type { ChordPart } from "@celeriac/core/ports";
import type { OpenedDatabase } from "../connect/database.js";
import type { SqlConnection } from "../connect/sql-connection.js";
import { readNumber, readText } from "../dialect/read-value.js";
import type { Row } from "../dialect/statement.js";
import type { ChordState, RecordedPart } from "./count-parts.js";

/** `p`: a completion; `m`: a member that was added later. */
type EntryKind = "p" | "m";

const keyOf = (id: string): Uint8Array => Buffer.from(id);

export class ChordRows {
  readonly #connection: SqlConnection;
  readonly #opened: OpenedDatabase;
  readonly #nowMs: number;

  constructor(connection: SqlConnection, opened: OpenedDatabase, nowMs: number) {
    this.#connection = connection;
    this.#opened = opened;
    this.#nowMs = nowMs;
  }

  /** Creates the chord if there is none, and locks it until the transaction ends. */
  async lock(groupId: string): Promise<ChordState> {
    const { dialect, layout } = this.#opened;
    const { path } = layout.chord;
    const touch = { into: path, key: ["group_id"], columns: ["group_id", "touched_at"] };
    await this.#connection.ask(dialect.upsert({ ...touch, rows: [[keyOf(groupId), this.#nowMs]] }));
    const draft = dialect.draft();
    const where = `WHERE group_id = ${draft.bind(keyOf(groupId))}${dialect.forUpdate}`;
    const fields = "size, members, counted, finisher, closed";
    const { rows } = await this.#connection.ask(draft.done(`SELECT ${fields} FROM ${path} ${where}`));
    return stateOf(rows[0] ?? {});
  }

  async save(groupId: string, state: ChordState): Promise<void> {
    const { dialect, layout } = this.#opened;
    const draft = dialect.draft();
    const finisher = state.finisher === undefined ? null : keyOf(state.finisher);
    const values = [
      `size = ${draft.bind(state.size ?? null)}`,
      `members = ${draft.bind(state.members)}`,
      `counted = ${draft.bind(state.counted)}`,
      `finisher = ${draft.bind(finisher)}`,
      `closed = ${draft.bind(state.isClosed ? 1 : 0)}`,
    ];
    const where = `WHERE group_id = ${draft.bind(keyOf(groupId))}`;
    await this.#connection.ask(draft.done(`UPDATE ${layout.chord.path} SET ${values.join(", ")} ${where}`));
  }

  /** Those of the tasks that have an entry of the kind. */
  async recorded(groupId: string, kind: EntryKind, taskIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { dialect, layout } = this.#opened;
    const draft = dialect.draft();
    const where = `group_id = ${draft.bind(keyOf(groupId))} AND kind = ${draft.bind(kind)}`;
    const tuple = draft.tuple([...new Set(taskIds)].map(keyOf));
    const sql = `SELECT task_id FROM ${layout.chordEntry.path} WHERE ${where} AND task_id IN ${tuple}`;
    const { rows } = await this.#connection.ask(draft.done(sql));
    return new Set(rows.map((row) => readText(row.task_id) ?? ""));
  }

  async addParts(groupId: string, parts: readonly ChordPart[]): Promise<void> {
    const rows = parts.map(({ taskId, groupIndex, status, result }) => {
      return [keyOf(groupId), "p", keyOf(taskId), groupIndex, status, result];
    });
    await this.#insert(rows);
  }

  async addMember(groupId: string, memberId: string): Promise<void> {
    await this.#insert([[keyOf(groupId), "m", keyOf(memberId), null, null, null]]);
  }

  async parts(groupId: string): Promise<readonly RecordedPart[]> {
    const { dialect, layout } = this.#opened;
    const draft = dialect.draft();
    const where = `group_id = ${draft.bind(keyOf(groupId))} AND kind = 'p'`;
    const fields = "task_id, position, status, result";
    const sql = `SELECT ${fields} FROM ${layout.chordEntry.path} WHERE ${where}`;
    const { rows } = await this.#connection.ask(draft.done(sql));
    return rows.map(partOf);
  }

  async removeEntries(groupId: string): Promise<void> {
    const { dialect, layout } = this.#opened;
    const draft = dialect.draft();
    const where = `group_id = ${draft.bind(keyOf(groupId))}`;
    await this.#connection.ask(draft.done(`DELETE FROM ${layout.chordEntry.path} WHERE ${where}`));
  }

  /** The row of the chord is locked, and none of these is there: nothing can be in the way. */
  async #insert(rows: readonly (readonly (Uint8Array | string | number | null)[])[]): Promise<void> {
    const { dialect, layout } = this.#opened;
    const columns = ["group_id", "kind", "task_id", "position", "status", "result"];
    const key = ["group_id", "kind", "task_id"];
    for (let from = 0; from < rows.length; from += dialect.maxRows) {
      const some = rows.slice(from, from + dialect.maxRows);
      await this.#connection.ask(dialect.upsert({ into: layout.chordEntry.path, key, columns, rows: some }));
    }
  }
}

function stateOf(row: Row): ChordState {
  return {
    size: readNumber(row.size),
    members: readNumber(row.members) ?? 0,
    counted: readNumber(row.counted) ?? 0,
    finisher: readText(row.finisher),
    isClosed: readNumber(row.closed) === 1,
  };
}

function partOf(row: Row): RecordedPart {
  return {
    taskId: readText(row.task_id) ?? "",
    position: readNumber(row.position),
    status: readText(row.status) ?? "",
    result: readText(row.result) ?? "null",
  };
}
