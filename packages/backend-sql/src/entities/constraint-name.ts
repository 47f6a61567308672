import type { DialectName } from "../dialect/dialect.js";

/** Longest name in PostgreSQL, in bytes. */
const LONGEST = 63;

/**
 * The name that a database gives to `UNIQUE (column)` when the statement gives none; `undefined` where there is none, and typeorm
 * goes by the columns.
 * @see PostgreSQL `makeObjectName`: of table and column, the longer one is shortened.
 */
export function uniqueName(dialect: DialectName, table: string, column: string): string | undefined {
  if (dialect === "sqlite") return undefined;
  if (dialect === "mysql") return column;
  const room = LONGEST - "__key".length - Buffer.byteLength(column);
  return `${cut(table, Math.max(room, 0))}_${column}_key`;
}

/** The longest beginning that has so many bytes, in whole characters. */
function cut(text: string, bytes: number): string {
  let kept = "";
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > bytes) break;
    kept += character;
  }
  return kept;
}
