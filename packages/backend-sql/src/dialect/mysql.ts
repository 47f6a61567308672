/**
 * MySQL and MariaDB. The difference that counts: SQLAlchemy takes ids from sequences where the server has them, which
 * MariaDB does, and a table made by either side has no other source of ids then.
 * @module
 */
import { BackendError } from "@celeriac/core/errors";
import { type Dialect, insertText } from "./dialect.js";
import { readNumber, readText } from "./read-value.js";
import { isAtLeast, refuseVersion } from "./server-version.js";
import { plainStatement, type SqlValue, StatementDraft } from "./statement.js";

const quote = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

export const mysql: Dialect = {
  name: "mysql",
  types: {
    id: "BIGINT",
    bytes: "LONGBLOB",
    keyBytes: "VARBINARY(620)",
    text: "LONGTEXT",
    date: "DATETIME(6)",
    bigint: "BIGINT",
  },
  maxRows: 500,
  // Under MySQL's own default a transaction reads what was there when it began, not what it has locked.
  begin: ["SET TRANSACTION ISOLATION LEVEL READ COMMITTED", "START TRANSACTION"],
  draft: () => new StatementDraft(() => "?"),
  quote,
  upsert(upsert) {
    const draft = mysql.draft();
    const insert = insertText(mysql, upsert, draft);
    const { final } = upsert;
    // From left to right: what decides whether the row stays must be changed last.
    const changed = upsert.columns.filter((column) => !upsert.key.includes(column) && column !== final?.column);
    if (final !== undefined) changed.push(final.column);
    const updates = changed.map(quote).map((column) => {
      if (final === undefined) return `${column} = VALUES(${column})`;
      const condition = `COALESCE(${quote(final.column)}, '') = ${draft.bind(final.value)}`;
      return `${column} = IF(${condition}, ${column}, VALUES(${column}))`;
    });
    return draft.done(`${insert} ON DUPLICATE KEY UPDATE ${updates.join(", ")}`);
  },
  isOneOf: (column, values, draft) => (values.length === 0 ? "FALSE" : `${column} IN ${draft.tuple(values)}`),
  dateText: (column) => `DATE_FORMAT(${column}, '%Y-%m-%d %H:%i:%s.%f')`,
  // In a table that Celery made a date has whole seconds, in which results of the same length may follow one another.
  mark: "CONCAT_WS(' ', status, DATE_FORMAT(date_done, '%Y-%m-%d %H:%i:%s.%f'), LENGTH(result), CRC32(result))",
  deleteSome: (table, where, limit, draft) => draft.done(`DELETE FROM ${table} WHERE ${where} LIMIT ${limit}`),
  forUpdate: " FOR UPDATE",
  sizeOf: ({ sql, parameters }) =>
    parameters.reduce((size: number, value) => size + sentSize(value), Buffer.byteLength(sql)),

  askServer: plainStatement("SELECT VERSION() AS version, @@sql_mode AS mode, @@max_allowed_packet AS packet"),
  readServer(row) {
    const text = readText(row.version) ?? "";
    const isMariaDb = /mariadb/i.test(text);
    const version = isMariaDb ? `MariaDB ${text.replace(/-MariaDB.*/i, "")}` : `MySQL ${text}`;
    // Text is sent with its quotes escaped by backslashes.
    if (/NO_BACKSLASH_ESCAPES/.test(readText(row.mode) ?? "")) throw refuseMode(version);
    if (!isAtLeast(text, isMariaDb ? [10, 3] : [5, 7, 8])) throw refuseVersion(version, "MySQL 5.7.8 or MariaDB 10.3");
    return {
      version,
      hasSequences: isMariaDb,
      maxStatementBytes: readNumber(row.packet),
      tableSuffix: ` ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=${collation(text)}`,
    };
  },
  askColumns(table) {
    const draft = mysql.draft();
    return draft.done(
      "SELECT COLUMN_NAME AS name, (EXTRA LIKE '%auto_increment%' OR COALESCE(COLUMN_DEFAULT, 'NULL') <> 'NULL') AS isFilled " +
        `FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = COALESCE(${draft.bind(table.schema ?? null)}, DATABASE()) ` +
        `AND TABLE_NAME = ${draft.bind(table.name)}`,
    );
  },
  askSequence(sequence) {
    const draft = mysql.draft();
    return draft.done(
      "SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_TYPE = 'SEQUENCE' AND " +
        `TABLE_SCHEMA = COALESCE(${draft.bind(sequence.schema ?? null)}, DATABASE()) AND TABLE_NAME = ${draft.bind(sequence.name)}`,
    );
  },
  nextValue: (sequence) =>
    `NEXTVAL(${sequence.schema === undefined ? "" : `${quote(sequence.schema)}.`}${quote(sequence.name)})`,
  // Every CREATE TABLE commits, so the lock is the connection's and not the transaction's. The connection may be out of the
  // caller's pool, and has its own patience back afterwards.
  tableLock(waitMs) {
    const seconds = waitMs === undefined ? 10 : Math.max(1, Math.round(waitMs / 1000));
    const lock = [`DO GET_LOCK(CONCAT('celeriac ', COALESCE(DATABASE(), '')), ${seconds})`];
    const unlock = ["DO RELEASE_LOCK(CONCAT('celeriac ', COALESCE(DATABASE(), '')))"];
    if (waitMs === undefined) return { before: lock, inside: [], after: unlock };
    const kept = "@celeriac_lock_wait_timeout";
    return {
      before: [`SET ${kept} = @@SESSION.lock_wait_timeout`, `SET SESSION lock_wait_timeout = ${seconds}`, ...lock],
      inside: [],
      after: [`SET SESSION lock_wait_timeout = ${kept}`, ...unlock],
    };
  },
  filledId: "BIGINT NOT NULL AUTO_INCREMENT",
};

/** A value as the driver writes it into the text of a statement: bytes as hex digits, text in quotes. */
function sentSize(value: SqlValue): number {
  if (value instanceof Uint8Array) return 2 * value.length + "X''".length;
  if (typeof value !== "string") return String(value).length;
  return Buffer.byteLength(value) + (value.match(ESCAPED)?.length ?? 0) + "''".length;
}

/** What gets a backslash. */
const ESCAPED = /[\0\b\t\n\r\x1a"'\\]/g;

/** Ids that differ in case, accents or trailing spaces are different: only these collations see it so. */
function collation(version: string): string {
  if (/mariadb/i.test(version)) return "utf8mb4_nopad_bin";
  return isAtLeast(version, [8, 0, 17]) ? "utf8mb4_0900_bin" : "utf8mb4_bin";
}

function refuseMode(version: string): BackendError {
  const message = `${version} runs with the sql_mode NO_BACKSLASH_ESCAPES, under which text cannot be sent safely. Take it out.`;
  return new BackendError(message, { code: "BACKEND_REFUSED" });
}
