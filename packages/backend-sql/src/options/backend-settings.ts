import { ConfigError, type ConfigIssue, checkOptions, type OptionTable, optionChecks } from "@celeriac/core/errors";
import type { AdapterContext } from "@celeriac/core/ports";
import {
  type Compression,
  checkResultCompression,
  createResultCompression,
  type ResultCompression,
} from "@celeriac/core/protocol";
import { type EngineOptions, parseEngineOptions } from "./engine-options.js";
import { parseTables, type TableNames, type TableSchemas, type Tables } from "./table-names.js";

/** How the result column is written. */
export type ResultColumnForm = "pickle" | "json";

/** Names, units and defaults are Celery's in camelCase, unless they end in `Ms`: those are ours. */
export interface SqlBackendOptions {
  /** How arguments are written, with `result_extended`: `json`. */
  readonly resultSerializer?: string;
  /**
   * What is in the result column. `pickle`, as Celery has it, whatever its serializer; `json`: text, which no Python peer
   * reads. Both are read. Default `pickle`.
   */
  readonly resultColumn?: ResultColumnForm;
  /**
   * Keeps results of 1,024 bytes and more compressed: `zlib`, `gzip`, `brotli` or a compression of one's own. No Python peer
   * reads those, so Celery's `result_compression` alone, which Python ignores, does not turn it on. Members of groups stay
   * plain without `nativeChords`: any worker may have to read them for their chord. Default: none. Both are read.
   */
  readonly resultCompression?: string | Compression;
  /** Celery's `database_table_names`. */
  readonly tableNames?: TableNames;
  /** Celery's `database_table_schemas`. */
  readonly tableSchemas?: TableSchemas;
  /**
   * Whether missing tables and columns are created at first use; otherwise a missing table is an error, and what has no
   * column is not kept. Celery's `database_create_tables_at_setup`. Default true.
   */
  readonly createTables?: boolean;
  /** Celery's `database_engine_options`: SQLAlchemy's names. Without meaning for a DataSource of the caller's. */
  readonly engineOptions?: Readonly<Record<string, unknown>>;
  /**
   * Counts the completions of chords in tables of our own. Python workers do not count there: a chord with a header task
   * that Python runs would never end, so this is for fleets without them. Default false: a `celery.chord_unlock` task
   * looks for the results, as in Celery.
   */
  readonly nativeChords?: boolean;
  /** Whether PostgreSQL announces results; off behind a pooler that hands out connections per transaction. Default true. */
  readonly notify?: boolean;
  /** Shortest pause between two looks for results that are waited for. Default 50, and 500 where results are announced. */
  readonly pollMinMs?: number;
  /** Longest pause, reached while nothing changes. Default 500, and 2,000 where results are announced. */
  readonly pollMaxMs?: number;
  /** Longest encoded result in bytes. Default 64 MiB. */
  readonly maxResultBytes?: number;
  /** Deadline of every call that names none. Default 10,000. */
  readonly timeoutMs?: number;
  /** Hears of a column that could not be made, and of a server whose certificate is not checked. Default `process.emitWarning`. */
  readonly onWarning?: (message: string) => void;
}

const { callback, count, duration, flag, object, oneOf } = optionChecks;

const TABLE: OptionTable = {
  resultSerializer: oneOf("json"),
  resultColumn: oneOf("pickle", "json"),
  resultCompression: checkResultCompression,
  tableNames: object,
  tableSchemas: object,
  createTables: flag,
  engineOptions: object,
  nativeChords: flag,
  notify: flag,
  pollMinMs: duration,
  pollMaxMs: duration,
  maxResultBytes: count,
  timeoutMs: duration,
  onWarning: callback,
  // What other stores read from the same place, in a configuration that several share.
  visibilityTimeout: "ignored",
  retryPolicy: "ignored",
  globalKeyprefix: "ignored",
};

/** Names under which Celery's settings may come as well. */
const ALIASES: Readonly<Record<string, string>> = {
  database_table_names: "tableNames",
  database_table_schemas: "tableSchemas",
  database_engine_options: "engineOptions",
  database_create_tables_at_setup: "createTables",
};

const LONGEST_RESULT = 64 * 1_048_576;

/** Options with defaults applied. */
export interface BackendSettings {
  readonly resultColumn: ResultColumnForm;
  readonly compression: ResultCompression;
  readonly tables: Tables;
  readonly createTables: boolean;
  readonly engine: EngineOptions;
  readonly nativeChords: boolean;
  readonly notify: boolean;
  readonly pollMinMs: number | undefined;
  readonly pollMaxMs: number | undefined;
  readonly maxResultBytes: number;
  readonly timeoutMs: number;
  readonly onWarning: (message: string) => void;
}

/**
 * Options out of `result_backend_transport_options` and friends. `resultExpires` is for whoever calls `cleanup`: nothing here
 * expires by itself.
 * @throws ConfigError with everything that is wrong.
 */
export function readBackendOptions(context: AdapterContext): SqlBackendOptions {
  const given = Object.entries(context.transportOptions).map(([key, value]) => [ALIASES[key] ?? key, value]);
  const { values, issues } = checkOptions(Object.fromEntries(given), TABLE);
  if (issues.length > 0) {
    throw new ConfigError(
      issues.map((issue) => ({ key: `result_backend_transport_options.${issue.key}`, message: issue.message })),
    );
  }
  return {
    ...values,
    ...(context.resultSerializer === undefined ? {} : { resultSerializer: context.resultSerializer }),
  };
}

/** @throws ConfigError with everything that is wrong. */
export function parseBackendOptions(options: SqlBackendOptions): BackendSettings {
  const issues: ConfigIssue[] = [...checkOptions({ ...options }, TABLE).issues];
  const tables = parseTables(options.tableNames ?? {}, options.tableSchemas ?? {}, issues);
  const engine = parseEngineOptions(options.engineOptions ?? {}, issues);
  if (issues.length > 0) throw new ConfigError(issues);
  const { maxResultBytes = LONGEST_RESULT } = options;
  return Object.freeze({
    resultColumn: options.resultColumn ?? "pickle",
    compression: createResultCompression({ method: options.resultCompression, maxBytes: maxResultBytes }),
    tables,
    createTables: options.createTables ?? true,
    engine,
    nativeChords: options.nativeChords ?? false,
    notify: options.notify ?? true,
    pollMinMs: options.pollMinMs,
    pollMaxMs: options.pollMaxMs,
    maxResultBytes,
    timeoutMs: options.timeoutMs ?? 10_000,
    onWarning: options.onWarning ?? ((message: string) => process.emitWarning(message)),
  });
}
