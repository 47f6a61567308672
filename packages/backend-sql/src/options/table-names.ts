import { type ConfigIssue, camelCase } from "@celeriac/core/errors";

/** Celery's `database_table_names`; `chord` and `chordEntry` are tables of ours. */
export interface TableNames {
  /** Default `celery_taskmeta`. */
  readonly task?: string;
  /** Default `celery_tasksetmeta`. */
  readonly group?: string;
  /** Default `celeriac_chord`; used with `nativeChords`. */
  readonly chord?: string;
  /** Default `celeriac_chord_entry`; used with `nativeChords`. */
  readonly chordEntry?: string;
}

/** Celery's `database_table_schemas`: where a table is, if not where the connection looks by itself. */
export type TableSchemas = Readonly<Partial<Record<keyof TableNames, string>>>;

/** A table and, if it is not in the connection's own schema, where. */
export interface TableName {
  readonly schema: string | undefined;
  readonly name: string;
}

/** Where everything is. */
export interface Tables {
  readonly task: TableName;
  readonly group: TableName;
  readonly chord: TableName;
  readonly chordEntry: TableName;
}

const DEFAULTS: Readonly<Record<keyof TableNames, string>> = {
  task: "celery_taskmeta",
  group: "celery_tasksetmeta",
  chord: "celeriac_chord",
  chordEntry: "celeriac_chord_entry",
};
/** What tables are called when nobody says otherwise. */
export const DEFAULT_TABLES: ReadonlySet<string> = new Set(Object.values(DEFAULTS));
const KEYS = Object.keys(DEFAULTS) as readonly (keyof TableNames)[]; // keys of the literal above

/** Longest name that PostgreSQL keeps whole; MySQL allows 64. */
const MAX_BYTES = 63;
/** Not for safety alone, since names are quoted wherever they stand: these also end up in file names, logs and channels. */
const FORBIDDEN = /["'`\\[\];.\0-\x1f\x7f]/;

/** Names with defaults; what is wrong is added to `issues`. */
export function parseTables(names: TableNames, schemas: TableSchemas, issues: ConfigIssue[]): Tables {
  const checked = (option: string, given: Readonly<Record<string, unknown>>): Map<string, string> => {
    const found = new Map<string, string>();
    for (const [key, value] of Object.entries(given)) {
      const problem = KEYS.some((known) => known === camelCase(key))
        ? wrongName(value)
        : `is no table here. Known: ${KEYS.join(", ")}.`;
      if (problem !== undefined) issues.push({ key: `${option}.${key}`, message: problem });
      else if (typeof value === "string") found.set(camelCase(key), value);
    }
    return found;
  };
  const tables = checked("tableNames", { ...names });
  const places = checked("tableSchemas", { ...schemas });
  const table = (key: keyof TableNames): TableName => ({
    schema: places.get(key) ?? (key === "chordEntry" ? places.get("chord") : undefined),
    name: tables.get(key) ?? DEFAULTS[key],
  });
  return { task: table("task"), group: table("group"), chord: table("chord"), chordEntry: table("chordEntry") };
}

function wrongName(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value !== "string" || value === "") return "must be a name.";
  if (FORBIDDEN.test(value))
    return `is ${JSON.stringify(value)}; a name has no quotes, brackets, dots or control characters.`;
  return Buffer.byteLength(value) > MAX_BYTES ? `is longer than ${MAX_BYTES} bytes.` : undefined;
}
