import { randomUUID } from "node:crypto";
import type { AmqpConnectionOptions, AmqpConnectionSettings } from "@celeriac/amqp-connection";
import {
  CONNECTION_OPTIONS,
  checkConnectionOptions,
  connectionDefaults,
  fromConnectionSettings,
} from "@celeriac/amqp-connection";
import { ConfigError, camelCase, type OptionTable, optionChecks } from "@celeriac/core/errors";
import type { AdapterContext, BrokerPlace } from "@celeriac/core/ports";
import {
  type Compression,
  type Compressions,
  checkResultCompression,
  createCompressions,
} from "@celeriac/core/protocol";

const { duration, flag, oneOf, text } = optionChecks;

/** Names, units and defaults are Celery's in camelCase, unless they end in `Ms`: those are ours. */
export interface RpcBackendOptions extends AmqpConnectionOptions {
  /**
   * Name of the queue that results come to. Default: a new one for each backend, which goes when the backend is closed. With
   * a name of yours, results wait for the next process that gives the same one; two at a time share them between them.
   */
  readonly oid?: string;
  /** Seconds a result is kept; `null` or 0 keeps it for ever. Default 86,400. */
  readonly resultExpires?: number | null;
  /** How results are written: `json`. Every reader must use the same. */
  readonly resultSerializer?: string;
  /**
   * How results of 1,024 bytes and more are compressed: `zlib`, `gzip`, `brotli` or a compression of one's own. Celery's
   * setting of that name counts too: a Python client reads zlib and gzip, and brotli with the package of that name. Compressed
   * ones are read in any case. Default: none.
   */
  readonly resultCompression?: string | Compression;
  /** Whether queue and results outlive a restart of RabbitMQ. Default false. */
  readonly resultPersistent?: boolean;
  /** Results kept in this process at most; the oldest go first. Default 10,000. */
  readonly maxResults?: number;
  /** Deadline of every call. Default 10,000. */
  readonly timeoutMs?: number;
}

const TABLE: OptionTable = {
  ...CONNECTION_OPTIONS,
  oid: text,
  resultPersistent: flag,
  resultSerializer: oneOf("json"),
  resultCompression: checkResultCompression,
  maxResults: duration,
  timeoutMs: duration,
  // What other backends read from the same place, in a configuration that several share.
  visibilityTimeout: "ignored",
  retryPolicy: "ignored",
  globalKeyprefix: "ignored",
};

/** In a configuration file the app says which queue it is: what `reply_to` names. */
const { oid: _oid, ...FILE_TABLE } = TABLE;

const DAY_SECONDS = 86_400;

/** Options with defaults applied. */
export interface BackendSettings {
  readonly connection: AmqpConnectionSettings;
  readonly address: string;
  /** The name was given, so that somebody else may know it. */
  readonly isNamed: boolean;
  /** Of what is sent; `undefined` sends results as they are. */
  readonly compression: Compression | undefined;
  /** For what comes. */
  readonly compressions: Compressions;
  /** 0 keeps results for ever. */
  readonly expiresMs: number;
  readonly isPersistent: boolean;
  readonly maxResults: number;
  readonly timeoutMs: number;
}

/** Options out of `result_backend_transport_options`, the broker's settings and friends. @throws ConfigError */
export function readBackendOptions(context: AdapterContext, broker: BrokerPlace): RpcBackendOptions {
  const { values, issues } = checkConnectionOptions(context.transportOptions, FILE_TABLE);
  if (issues.length > 0) {
    throw new ConfigError(
      issues.map(({ key, message }) => ({
        // The app puts its setting of this name among the options.
        key: key === "result_compression" ? key : `result_backend_transport_options.${key}`,
        message,
      })),
    );
  }
  const { resultExpires, resultSerializer, resultPersistent } = context;
  return {
    ...fromConnectionSettings(broker.connection),
    ...checkConnectionOptions(connectionPart(broker.transportOptions), CONNECTION_OPTIONS).values,
    ...values,
    ...(resultExpires === undefined ? {} : { resultExpires }),
    ...(resultSerializer === undefined ? {} : { resultSerializer }),
    ...(typeof resultPersistent === "boolean" ? { resultPersistent } : {}),
  };
}

/** The rest is about messages of tasks, and is the broker's to check. */
function connectionPart(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(CONNECTION_OPTIONS, camelCase(name))),
  );
}

/**
 * @param replyTo - The queue that the app names in `reply_to`, when it has told us.
 * @throws ConfigError with everything that is wrong.
 */
export function parseBackendOptions(options: RpcBackendOptions, replyTo?: string): BackendSettings {
  const { resultExpires = DAY_SECONDS, ...rest } = options;
  const checked = checkConnectionOptions({ ...rest }, TABLE);
  const issues = [...checked.issues];
  if (resultExpires !== null && !(Number.isFinite(resultExpires) && resultExpires >= 0)) {
    issues.push({ key: "resultExpires", message: `is ${resultExpires}; it must be seconds, or null to keep results.` });
  }
  if (options.oid === "" || Buffer.byteLength(options.oid ?? "") > 255) {
    issues.push({ key: "oid", message: "names a queue of RabbitMQ: it must have 1 to 255 bytes." });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  const { resultCompression: method } = options;
  const compressions = createCompressions(typeof method === "object" ? [method] : []);
  return Object.freeze({
    compressions,
    compression: typeof method === "string" ? compressions.byName(method) : method,
    connection: connectionDefaults(checked.values as AmqpConnectionOptions), // checked against the table that mirrors it
    address: options.oid ?? replyTo ?? randomUUID(),
    isNamed: options.oid !== undefined,
    expiresMs: Math.ceil((resultExpires ?? 0) * 1000),
    isPersistent: options.resultPersistent ?? false,
    maxResults: options.maxResults ?? 10_000,
    timeoutMs: options.timeoutMs ?? 10_000,
  });
}
