/**
 * A wanted table as typeorm describes tables, so that what it finds in the database is what it expects.
 * @module
 */

import { camelCase } from "@celeriac/core/errors";
import type { ColumnType, EntitySchemaColumnOptions, EntitySchemaOptions, ValueTransformer } from "typeorm";
import { columnType, indexName, isOwnColumn, type WantedColumn, type WantedTable } from "../tables/wanted-tables.js";
import { bytes, naiveDate, wholeNumber } from "./column-values.js";
import { uniqueName } from "./constraint-name.js";
import { baseDialect, columnTypesOf, type EntityServer, givesOutIds } from "./entity-server.js";

/** Any entity: properties are the names of columns in camelCase. */
export type EntityRow = Readonly<Record<string, unknown>>;

/**
 * @param name - Of the entity, as `getRepository` takes it.
 * @param celeryName - What Celery calls the table by default: it names the index so, whatever the table is called.
 */
export function planEntity(
  name: string,
  table: WantedTable,
  server: EntityServer,
  celeryName: string | undefined,
): EntitySchemaOptions<EntityRow> {
  const columns: Record<string, EntitySchemaColumnOptions> = {};
  if (table.sequence !== undefined) columns.id = idColumn(server);
  for (const column of table.columns) {
    columns[camelCase(column.name)] = planColumn(column, table.primaryKey.includes(column.name), server);
  }
  const indexedAs = server.madeBy === "celery" && celeryName !== undefined ? celeryName : table.name.name;
  return {
    name,
    tableName: table.name.name,
    ...placeOf(table, server),
    columns,
    indices: table.indexed.map((column) => ({
      name: indexName({ schema: undefined, name: indexedAs }, column),
      columns: [camelCase(column)],
    })),
    uniques: table.unique === undefined ? [] : [uniqueOf(table.name.name, table.unique, server)],
  };
}

/** A schema of MySQL is what typeorm calls a database. */
function placeOf({ name: { schema } }: WantedTable, { dialect }: EntityServer): { schema?: string; database?: string } {
  if (schema === undefined) return {};
  return dialect === "postgres" ? { schema } : { database: schema };
}

function idColumn(server: EntityServer): EntitySchemaColumnOptions {
  const type = typeOptions(columnTypesOf(server).id, server);
  const generated = givesOutIds(server) ? { generated: "increment" as const } : {};
  return { ...type, name: "id", primary: true, ...generated, transformer: wholeNumber };
}

function planColumn(column: WantedColumn, isKey: boolean, given: EntityServer): EntitySchemaColumnOptions {
  const server = isOwnColumn(column.name) ? { ...given, madeBy: "celeriac" as const } : given;
  const transformer = transformerOf(column, server);
  return {
    ...typeOptions(columnType(column.kind, columnTypesOf(server)), server),
    name: column.name,
    nullable: !column.isRequired,
    ...(isKey ? { primary: true } : {}),
    ...(column.default === undefined ? {} : { default: column.default }),
    ...(transformer === undefined ? {} : { transformer }),
  };
}

function transformerOf({ kind }: WantedColumn, { dialect, timezone }: EntityServer): ValueTransformer | undefined {
  if (kind === "bytes" || kind === "keyBytes") return bytes;
  if (kind === "bigint") return wholeNumber;
  if (kind !== "date") return undefined;
  // From SQLite, typeorm reads dates with three digits behind the point as UTC, and those with six, as here, as local time.
  return naiveDate(dialect === "sqlite" ? { read: "local", written: "Z" } : { read: timezone, written: timezone });
}

/** `VARCHAR(155)` as typeorm has it. The text is that of the statements which make the table. */
function typeOptions(text: string, { dialect, madeBy }: EntityServer): EntitySchemaColumnOptions {
  const [, name = text, size] = /^(\w+)\((\d+)\)$/.exec(text) ?? [];
  // typeorm knows its types by name only, and these names are out of its list.
  const type = name.toLowerCase() as ColumnType;
  const number = size === undefined ? undefined : Number(size);
  const isText = baseDialect(dialect) === "mysql" && /CHAR|TEXT/.test(name) && madeBy === "celeriac";
  return {
    type,
    ...(number === undefined ? {} : name === "DATETIME" ? { precision: number } : { length: number }),
    ...(isText ? { charset: "utf8mb4", collation: dialect === "mariadb" ? "utf8mb4_nopad_bin" : "utf8mb4_bin" } : {}),
  };
}

function uniqueOf(table: string, column: string, { dialect }: EntityServer): { name?: string; columns: string[] } {
  const name = uniqueName(baseDialect(dialect), table, column);
  return { ...(name === undefined ? {} : { name }), columns: [camelCase(column)] };
}
