import { ConfigError, checkOptions as checkOwn } from "@celeriac/core/errors";
import type { AdapterContext } from "@celeriac/core/ports";
import type { Compression, ResultCompression } from "@celeriac/core/protocol";
import { checkResultCompression, createResultCompression } from "@celeriac/core/protocol";
import type { CheckedOptions, OptionTable, RedisConnectionOptions } from "@celeriac/redis-connection";
import { CONNECTION_OPTIONS, camelCase, checkOptions } from "@celeriac/redis-connection";

/** Names, units and defaults are Celery's in camelCase, unless they end in `Ms`: those are ours. */
export interface RedisBackendOptions extends RedisConnectionOptions {
  /** Seconds a result is kept; `null` or 0 keeps it for ever. Default 86,400. */
  readonly resultExpires?: number | null;
  /** How results are written: `json`. Every reader must use the same. */
  readonly resultSerializer?: string;
  /**
   * Keeps results of 1,024 bytes and more compressed: `zlib`, `gzip`, `brotli` or a compression of one's own. No Python peer
   * reads those, so Celery's `result_compression` alone, which Python ignores, does not turn it on. What is kept for chords
   * and groups stays plain. Default: none. Both are read.
   */
  readonly resultCompression?: string | Compression;
  /** In front of every key; an underscore follows unless it ends in one of `:_-.`. Default none. */
  readonly globalKeyprefix?: string;
  /**
   * Whether chords keep their results in the header's order, in a sorted set; false: a list, as they come. All peers of a
   * store must agree. Default true.
   */
  readonly resultChordOrdered?: boolean;
  /** Deadline of every call. Default 10,000. */
  readonly timeoutMs?: number;
}

const TABLE: OptionTable = {
  ...CONNECTION_OPTIONS,
  globalKeyprefix: "text",
  timeoutMs: "milliseconds",
  resultChordOrdered: "flag",
  // Read by Celery from the same place, without meaning for results.
  visibilityTimeout: "ignored",
};

const SERIALIZERS = ["json"];
const DAY_SECONDS = 86_400;

/** Options with defaults applied. */
export interface BackendSettings {
  /** 0 keeps results for ever. */
  readonly expirySeconds: number;
  readonly compression: ResultCompression;
  readonly keyPrefix: string;
  readonly timeoutMs: number;
  readonly chordsOrdered: boolean;
}

/** Options out of `result_backend_transport_options` and friends. @throws ConfigError with everything that is wrong. */
export function readBackendOptions(context: AdapterContext): RedisBackendOptions {
  const { values, issues } = checkBackendOptions(context.transportOptions);
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
export function parseBackendOptions(options: RedisBackendOptions): BackendSettings {
  const { resultExpires = DAY_SECONDS, resultSerializer = "json", ...rest } = options;
  const issues = [...checkBackendOptions({ ...rest }).issues];
  if (!SERIALIZERS.includes(resultSerializer)) {
    const message = `is "${resultSerializer}"; the Redis backend writes ${SERIALIZERS.join(", ")}.`;
    issues.push({ key: "resultSerializer", message });
  }
  if (resultExpires !== null && !(Number.isFinite(resultExpires) && resultExpires >= 0)) {
    issues.push({ key: "resultExpires", message: `is ${resultExpires}; it must be seconds, or null to keep results.` });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return Object.freeze({
    compression: createResultCompression({ method: options.resultCompression }),
    expirySeconds: Math.ceil(resultExpires ?? 0), // the server counts in whole seconds
    keyPrefix: separated(options.globalKeyprefix ?? ""),
    timeoutMs: options.timeoutMs ?? 10_000,
    chordsOrdered: options.resultChordOrdered ?? true,
  });
}

/** The table of the connection has no kind for a compression: that is checked by core. */
function checkBackendOptions(raw: Readonly<Record<string, unknown>>): CheckedOptions {
  const isCompression = (key: string): boolean => camelCase(key) === "resultCompression";
  const { values, issues } = checkOptions(withoutKeys(raw, isCompression), TABLE);
  const own = checkOwn(
    withoutKeys(raw, (key) => !isCompression(key)),
    { resultCompression: checkResultCompression },
  );
  return { values: { ...values, ...own.values }, issues: [...issues, ...own.issues] };
}

function withoutKeys(
  raw: Readonly<Record<string, unknown>>,
  isLeftOut: (key: string) => boolean,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => !isLeftOut(key)));
}

/** PROTOCOL 7.4. */
function separated(prefix: string): string {
  return prefix === "" || /[:_.-]$/.test(prefix) ? prefix : `${prefix}_`;
}
