import { createHash } from "node:crypto";
import { DEFAULT_TABLES, type TableName } from "../options/table-names.js";

/**
 * A name under which typeorm remembers that a migration has run; the timestamp at its end gives the order. Tables with other
 * names, or elsewhere, make another migration, so that one DataSource may have several: their names are in it as a hash, since
 * typeorm keeps 255 characters and tables may have any.
 * @param timestamp - In milliseconds, 13 digits.
 */
export function migrationName(title: string, timestamp: number, tables: readonly TableName[]): string {
  const isDefault = tables.every(({ schema, name }) => schema === undefined && DEFAULT_TABLES.has(name));
  if (isDefault) return `${title}${timestamp}`;
  const places = JSON.stringify(tables.map(({ schema, name }) => [schema ?? null, name]));
  return `${title}_${createHash("sha256").update(places).digest("hex").slice(0, 12)}_${timestamp}`;
}
