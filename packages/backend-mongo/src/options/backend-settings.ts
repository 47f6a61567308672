import {
  ConfigError,
  type ConfigIssue,
  camelCase,
  checkOptions,
  type OptionTable,
  optionChecks,
} from "@celeriac/core/errors";
import type { AdapterContext } from "@celeriac/core/ports";
import {
  type Compression,
  checkResultCompression,
  createResultCompression,
  type ResultCompression,
} from "@celeriac/core/protocol";
import { type CollectionNames, parseCollections, wrongDatabase } from "./collection-names.js";
import type { MongoPlace } from "./mongo-url.js";

/** How results are written. */
export type ResultForm = "json" | "bson";

/** Names, units and defaults are Celery's in camelCase, unless they end in `Ms`: those are ours. */
export interface MongoBackendOptions {
  /**
   * Seconds a result is kept; `null` or 0 keeps it for ever. MongoDB removes what we wrote by itself; `cleanup`, which
   * Celery's `celery.backend_cleanup` calls, removes Python's too. Default 86,400.
   */
  readonly resultExpires?: number | null;
  /** `json`: text, as Celery writes it by default; `bson`: values of MongoDB's own. All peers must agree. Default `json`. */
  readonly resultSerializer?: string;
  /**
   * Keeps results of 1,024 bytes and more compressed: `zlib`, `gzip`, `brotli` or a compression of one's own. No Python peer
   * reads those, so Celery's `result_compression` alone, which Python ignores, does not turn it on. Members of groups stay
   * plain without `nativeChords`: any worker may have to read them for their chord. Default: none. Both are read.
   */
  readonly resultCompression?: string | Compression;
  /** Default: the one in the URL, else `celery`. */
  readonly database?: string;
  /** Default `celery_taskmeta`. */
  readonly taskmetaCollection?: string;
  /** Default `celery_groupmeta`. */
  readonly groupmetaCollection?: string;
  /** Used with `nativeChords`. Default `celeriac_chord`. */
  readonly chordCollection?: string;
  /** Used with `nativeChords`. Default `celeriac_chord_part`. */
  readonly chordPartCollection?: string;
  /** Handed to the driver as they are: `replicaSet`, `tls`, `maxPoolSize`. Without meaning for a client of the caller's. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Instead of the hosts in the URL. */
  readonly host?: string;
  /** Of `host`. Default 27017. */
  readonly port?: number;
  /** Several hosts, `name:port`, instead of `host` and `port`. */
  readonly mongoHost?: string | readonly string[];
  /** Instead of the one in the URL. */
  readonly user?: string;
  readonly password?: string;
  /**
   * Counts the completions of chords in collections of our own. Python workers do not count there: a chord with a header
   * task that Python runs would never end, so this is for fleets without them. Default false: a `celery.chord_unlock` task
   * looks for the results, as in Celery.
   */
  readonly nativeChords?: boolean;
  /** Whether results are heard of by a change stream, where the server has them. Default true. */
  readonly changeStream?: boolean;
  /** Shortest pause between two looks for results that are waited for. Default 50, and 1,000 beside a change stream. */
  readonly pollMinMs?: number;
  /** Longest pause, reached while nothing changes. Default 500, and 10,000 beside a change stream. */
  readonly pollMaxMs?: number;
  /** Longest result in bytes. Default 16,711,680, which leaves room for the rest of a document. */
  readonly maxResultBytes?: number;
  /** Deadline of every call that names none. Default 10,000. */
  readonly timeoutMs?: number;
}

const { count, duration, flag, object, oneOf, text, zeroOrMore } = optionChecks;

const TABLE: OptionTable = {
  resultExpires: zeroOrMore,
  resultSerializer: oneOf("json", "bson"),
  resultCompression: checkResultCompression,
  database: text,
  taskmetaCollection: text,
  groupmetaCollection: text,
  chordCollection: text,
  chordPartCollection: text,
  options: object,
  host: text,
  port: count,
  mongoHost: (value) => (typeof value === "string" || isTexts(value) ? undefined : "text or a list of it"),
  user: text,
  password: { secret: text },
  nativeChords: flag,
  changeStream: flag,
  pollMinMs: duration,
  pollMaxMs: duration,
  maxResultBytes: count,
  timeoutMs: duration,
  // Read by Celery from the same place, without meaning here.
  visibilityTimeout: "ignored",
  retryPolicy: "ignored",
  globalKeyprefix: "ignored",
};

/** Under this name Celery's settings may come whole. */
const CELERY_SETTINGS: ReadonlySet<string> = new Set(["mongodb_backend_settings", "mongodbBackendSettings"]);

const DAY_SECONDS = 86_400;
/** MongoDB's limit of 16 MB, less 64 KB for everything else. */
const LONGEST_RESULT = 16 * 1_048_576 - 65_536;

/** Options with defaults applied. */
export interface BackendSettings {
  /** 0 keeps results for ever. */
  readonly expiresMs: number;
  readonly form: ResultForm;
  readonly compression: ResultCompression;
  readonly database: string | undefined;
  readonly collections: CollectionNames;
  readonly place: MongoPlace;
  readonly driverOptions: Readonly<Record<string, unknown>>;
  readonly nativeChords: boolean;
  readonly changeStream: boolean;
  readonly pollMinMs: number | undefined;
  readonly pollMaxMs: number | undefined;
  readonly maxResultBytes: number;
  readonly timeoutMs: number;
}

/**
 * Options out of `result_backend_transport_options`, `mongodb_backend_settings` among them, and friends.
 * @throws ConfigError with everything that is wrong.
 */
export function readBackendOptions(context: AdapterContext): MongoBackendOptions {
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(context.transportOptions)) {
    if (!CELERY_SETTINGS.has(key)) given[key] = value;
    else if (typeof value === "object" && value !== null) Object.assign(given, asCelery(value));
  }
  const { values, issues } = checkOptions(given, TABLE);
  if (issues.length > 0) {
    throw new ConfigError(
      issues.map((issue) => ({ key: `result_backend_transport_options.${issue.key}`, message: issue.message })),
    );
  }
  return {
    ...values,
    ...(context.resultExpires === undefined ? {} : { resultExpires: context.resultExpires }),
    ...(context.resultSerializer === undefined ? {} : { resultSerializer: context.resultSerializer }),
  };
}

/** @throws ConfigError with everything that is wrong. */
export function parseBackendOptions(options: MongoBackendOptions): BackendSettings {
  const issues: ConfigIssue[] = [...checkOptions({ ...options }, TABLE).issues];
  const collections = parseCollections(options, issues);
  const problem = options.database === undefined ? undefined : wrongDatabase(options.database);
  if (problem !== undefined) issues.push({ key: "database", message: problem });
  if (issues.length > 0) throw new ConfigError(issues);
  const { resultExpires = DAY_SECONDS } = options;
  return Object.freeze({
    expiresMs: (resultExpires ?? 0) * 1000,
    form: options.resultSerializer === "bson" ? "bson" : "json",
    compression: createResultCompression({ method: options.resultCompression }),
    database: options.database,
    collections,
    place: { hosts: hostsOf(options), user: options.user, password: options.password },
    driverOptions: { ...options.options },
    nativeChords: options.nativeChords ?? false,
    changeStream: options.changeStream ?? true,
    pollMinMs: options.pollMinMs,
    pollMaxMs: options.pollMaxMs,
    maxResultBytes: options.maxResultBytes ?? LONGEST_RESULT,
    timeoutMs: options.timeoutMs ?? 10_000,
  });
}

/** What Celery does not know of its own settings it hands to the driver. */
function asCelery(settings: object): Readonly<Record<string, unknown>> {
  const known: Record<string, unknown> = {};
  const driver: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(settings)) {
    const name = camelCase(key);
    if (Object.hasOwn(TABLE, name)) known[name] = value;
    else driver[name] = value;
  }
  const { options } = known;
  return { ...known, options: { ...(typeof options === "object" ? options : {}), ...driver } };
}

/** Celery's order: `mongo_host`, then `host` and `port`. */
function hostsOf({ host, port, mongoHost }: MongoBackendOptions): string | undefined {
  if (mongoHost !== undefined) return typeof mongoHost === "string" ? mongoHost : mongoHost.join(",");
  if (host === undefined && port === undefined) return undefined;
  return `${host ?? "localhost"}:${port ?? 27_017}`;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string");
}
