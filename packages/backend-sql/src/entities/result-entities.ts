import { ConfigError, type ConfigIssue } from "@celeriac/core/errors";
import { EntitySchema } from "typeorm";
import { parseTables, type TableNames, type TableSchemas } from "../options/table-names.js";
import { wantedTables } from "../tables/wanted-tables.js";
import type { EntityDialect, EntityServer, TableMaker } from "./entity-server.js";
import { planEntity } from "./plan-entity.js";
import type { GroupResultRow, TaskResultRow } from "./result-rows.js";

export interface ResultEntitiesOptions {
  /** The server. For `mariadb` the DataSource must be of that type too: as `mysql`, typeorm finds changes everywhere. */
  readonly dialect: EntityDialect;
  /** As of the backend. */
  readonly tableNames?: TableNames;
  /** As of the backend; not for SQLite. */
  readonly tableSchemas?: TableSchemas;
  /** Whether there are tables of chords. Default false. */
  readonly nativeChords?: boolean;
  /** Who made the tables: Celery's own have narrower types. Default `celeriac`. */
  readonly madeBy?: TableMaker;
  /**
   * The `timezone` of a MySQL DataSource, by which dates without a zone are read. Leave it out for other databases. Default
   * `local`, which is typeorm's.
   */
  readonly timezone?: "local" | "Z";
}

/** Entities for a DataSource of the caller's. */
export interface ResultEntities {
  /** `celery_taskmeta`; its repository is also known as `CeleryTaskMeta`. */
  readonly task: EntitySchema<TaskResultRow>;
  /** `celery_tasksetmeta`; its repository is also known as `CeleryTaskSetMeta`. */
  readonly group: EntitySchema<GroupResultRow>;
  /** These two, and with `nativeChords` `CeleriacChord` and `CeleriacChordEntry`: for `entities`. */
  readonly all: EntitySchema[];
}

/**
 * The result tables as typeorm entities, for looking at results through repositories of one's own. They say exactly what
 * the tables are, so `synchronize` and `migration:generate` find nothing to change. Tables are better made by
 * `resultMigrations()` or `createResultTables()`: typeorm makes no sequences. Writing is for the backend.
 * @throws ConfigError with everything that is wrong.
 */
export function resultEntities(options: ResultEntitiesOptions): ResultEntities {
  const issues: ConfigIssue[] = [];
  const { dialect, madeBy = "celeriac", timezone = "local" } = options;
  const tables = parseTables(options.tableNames ?? {}, options.tableSchemas ?? {}, issues);
  checkChoice("dialect", dialect, ["postgres", "mysql", "mariadb", "sqlite"], issues);
  checkChoice("madeBy", madeBy, ["celeriac", "celery"], issues);
  checkChoice("timezone", timezone, ["local", "Z"], issues);
  if (dialect === "sqlite" && Object.keys(options.tableSchemas ?? {}).length > 0) {
    issues.push({ key: "tableSchemas", message: "typeorm knows no schemas in SQLite." });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  const server: EntityServer = { dialect, madeBy, timezone };
  const all = wantedTables(tables, options.nativeChords ?? false).map((table, index) => {
    const [name = "", celeryName] = NAMES[index] ?? [];
    // Celery has no tables for chords: those are always ours.
    const maker = celeryName === undefined ? { ...server, madeBy: "celeriac" as const } : server;
    return new EntitySchema(planEntity(name, table, maker, celeryName));
  });
  const [task, group] = all;
  // The description says what the types say: `result-rows.test.ts` holds them together.
  return { task: task as EntitySchema<TaskResultRow>, group: group as EntitySchema<GroupResultRow>, all };
}

/** In the order of `wantedTables`: the entity, and what Celery calls its table. */
const NAMES: readonly (readonly [string, string?])[] = [
  ["CeleryTaskMeta", "celery_taskmeta"],
  ["CeleryTaskSetMeta", "celery_tasksetmeta"],
  ["CeleriacChord"],
  ["CeleriacChordEntry"],
];

function checkChoice(key: string, value: string, choices: readonly string[], issues: ConfigIssue[]): void {
  if (choices.includes(value)) return;
  issues.push({ key, message: `is ${JSON.stringify(value)}; it must be one of ${choices.join(", ")}.` });
}
