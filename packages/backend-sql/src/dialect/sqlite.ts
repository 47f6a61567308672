import { type Dialect, insertText, onConflictText } from "./dialect.js";
import { readText } from "./read-value.js";
import { isAtLeast, refuseVersion } from "./server-version.js";
import { plainStatement, StatementDraft } from "./statement.js";

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export const sqlite: Dialect = {
  name: "sqlite",
  types: { id: "INTEGER", bytes: "BLOB", keyBytes: "BLOB", text: "TEXT", date: "DATETIME", bigint: "INTEGER" },
  maxRows: 200,
  begin: ["BEGIN IMMEDIATE"],
  draft: () => new StatementDraft(() => "?"),
  quote,
  upsert(upsert) {
    const draft = sqlite.draft();
    const insert = insertText(sqlite, upsert, draft, " AS kept");
    return draft.done(insert + onConflictText(sqlite, upsert, draft));
  },
  // One parameter whatever their number, and one text of the statement to prepare.
  isOneOf: (column, values, draft) =>
    `${column} IN (SELECT value FROM json_each(${draft.bind(JSON.stringify(values))}))`,
  dateText: (column) => column,
  mark: "COALESCE(status, '') || ' ' || COALESCE(date_done, '') || ' ' || COALESCE(LENGTH(CAST(result AS BLOB)), '')",
  deleteSome: (table, where, limit, draft) =>
    draft.done(`DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${where} LIMIT ${limit})`),
  // A transaction that writes has the whole file.
  forUpdate: "",
  sizeOf: ({ sql }) => sql.length,

  askServer: plainStatement("SELECT sqlite_version() AS version, '' AS mode"),
  readServer(row) {
    const text = readText(row.version) ?? "";
    if (!isAtLeast(text, [3, 38])) throw refuseVersion(`SQLite ${text}`, "SQLite 3.38");
    return { version: `SQLite ${text}`, hasSequences: false, tableSuffix: "", maxStatementBytes: undefined };
  },
  askColumns(table) {
    const draft = sqlite.draft();
    const name = draft.bind(table.name);
    const place = table.schema === undefined ? "" : `, ${draft.bind(table.schema)}`;
    return draft.done(`SELECT name, 1 AS isFilled FROM pragma_table_info(${name}${place})`);
  },
  askSequence: () => plainStatement("SELECT 1 AS found WHERE FALSE"),
  nextValue: () => "NULL",
  tableLock: () => ({ before: [], inside: [], after: [] }),
  filledId: "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
};
