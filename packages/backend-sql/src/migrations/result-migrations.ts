import { ConfigError, type ConfigIssue } from "@celeriac/core/errors";
import type { MigrationInterface, QueryRunner } from "typeorm";
import { parseTables, type TableNames, type TableSchemas, type Tables } from "../options/table-names.js";
import { chordTables, wantedTables, withoutOwnColumns } from "../tables/wanted-tables.js";
import { migrationName } from "./migration-name.js";
import {
  addMissing,
  createAbsent,
  dropEmpty,
  dropOwnColumns,
  type MigrationWork,
  runMigration,
} from "./migration-steps.js";

export interface ResultMigrationsOptions {
  /** As of the backend. */
  readonly tableNames?: TableNames;
  /** As of the backend. */
  readonly tableSchemas?: TableSchemas;
  /** Whether to make the tables of chords too. Default false; may be added later. */
  readonly nativeChords?: boolean;
}

/** What typeorm makes a migration of. */
export type ResultMigration = new () => MigrationInterface;

interface Step {
  readonly name: string;
  readonly up: MigrationWork;
  readonly down: MigrationWork;
}

/**
 * Migrations for the `migrations` of a DataSource of the caller's, which it then runs instead of `createTables`. Names and
 * timestamps stay the same from release to release; other table names make other migrations. Each finds what is there, so they
 * may run on tables that Celery made, or that a backend made, and while workers start.
 *
 * - `CeleriacCreateResultTables`: Celery's two tables with Celery's columns, where they are absent. Undoing it drops them when
 *   they are empty, and refuses otherwise: results may have been there before. Sequences stay, as other tables may use them.
 * - `CeleriacAddResultColumns`: the columns that older tables lack, those of `result_extended` and `celeriac_extra`, and the
 *   sequence that Celery 5 wants where MariaDB counted by itself. Undoing it drops `celeriac_extra`; the others are Celery's.
 * - `CeleriacCreateChordTables`, with `nativeChords`. Undoing it drops them when they are empty.
 * @throws ConfigError for a name that cannot be one.
 */
export function resultMigrations(options: ResultMigrationsOptions = {}): ResultMigration[] {
  const issues: ConfigIssue[] = [];
  const tables = parseTables(options.tableNames ?? {}, options.tableSchemas ?? {}, issues);
  if (issues.length > 0) throw new ConfigError(issues);
  return planSteps(tables, options.nativeChords ?? false).map(migrationOf);
}

function planSteps(tables: Tables, withChords: boolean): readonly Step[] {
  const wanted = wantedTables(tables, false);
  const chords = chordTables(tables);
  const steps = [
    {
      name: migrationName("CeleriacCreateResultTables", 1_795_219_200_000, [tables.task, tables.group]),
      up: createAbsent(wanted.map(withoutOwnColumns)),
      down: dropEmpty(wanted),
    },
    {
      name: migrationName("CeleriacAddResultColumns", 1_795_219_200_001, [tables.task, tables.group]),
      up: addMissing(wanted),
      down: dropOwnColumns(wanted),
    },
  ];
  if (!withChords) return steps;
  const name = migrationName("CeleriacCreateChordTables", 1_795_219_200_002, [tables.chord, tables.chordEntry]);
  return [...steps, { name, up: addMissing(chords), down: dropEmpty(chords) }];
}

/** typeorm makes migrations itself, without arguments: each needs a class of its own. */
function migrationOf({ name, up, down }: Step): ResultMigration {
  return class implements MigrationInterface {
    readonly name: string = name;

    up(runner: QueryRunner): Promise<void> {
      return runMigration(runner, up);
    }

    down(runner: QueryRunner): Promise<void> {
      return runMigration(runner, down);
    }
  };
}
