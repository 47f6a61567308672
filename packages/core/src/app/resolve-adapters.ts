import { ConfigError } from "../errors/index.js";
import type {
  AdapterContext,
  BackendFactory,
  Broker,
  BrokerFactory,
  ConnectionSettings,
  ResultBackend,
} from "../ports/index.js";
import type { Settings } from "../settings/index.js";
import type { AppConfig } from "./app-config.js";
import type { Assembly } from "./assemble.js";
import { readRetryPolicy, retryingBackend } from "./retrying-backend.js";

interface Packages {
  readonly broker?: string;
  readonly backend?: string;
}

/** Packages that claim well-known schemes, to name the one to install. */
const KNOWN_PACKAGES: Readonly<Record<string, Packages>> = {
  memory: { broker: "@celeriac/broker-memory", backend: "@celeriac/backend-memory" },
  filesystem: { broker: "@celeriac/broker-filesystem" },
  file: { backend: "@celeriac/backend-filesystem" },
  redis: { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
  rediss: { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
  "redis+socket": { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
  amqp: { broker: "@celeriac/broker-amqp" },
  amqps: { broker: "@celeriac/broker-amqp" },
  pyamqp: { broker: "@celeriac/broker-amqp" },
  rpc: { backend: "@celeriac/backend-rpc" },
  mongodb: { backend: "@celeriac/backend-mongo" },
  "mongodb+srv": { backend: "@celeriac/backend-mongo" },
  sentinel: { broker: "@celeriac/broker-redis", backend: "@celeriac/backend-redis" },
};

const SQL_PACKAGE = { backend: "@celeriac/backend-sql" };
const SQL_SCHEME = /^(db\+|postgres|mysql|mariadb|sqlite)/;

type Factory = BrokerFactory | BackendFactory;

/**
 * Builds the broker that a URL names, or several of the same transport, which it may fail over between.
 * @throws ConfigError naming the package to install or to list in `adapters`.
 */
export function brokerFromUrl(
  [url, ...alternates]: readonly [string, ...string[]],
  factories: readonly Factory[],
  settings: Settings,
): Broker {
  const factory = factories.find(
    (item): item is BrokerFactory => item.role === "broker" && item.schemes.includes(schemeOf(url)),
  );
  if (factory === undefined) throw unclaimed("broker", url);
  return factory.fromUrl(url, {
    transportOptions: settings.brokerTransportOptions,
    ...(alternates.length === 0 ? {} : { alternates }),
    connection: connectionSettings(settings),
  });
}

function connectionSettings(settings: Settings): ConnectionSettings {
  return {
    failoverStrategy: settings.brokerFailoverStrategy,
    heartbeat: settings.brokerHeartbeat,
    timeout: settings.brokerConnectionTimeout,
    loginMethod: settings.brokerLoginMethod,
    useSsl: settings.brokerUseSsl,
    delayedDeliveryQueueType: settings.brokerNativeDelayedDeliveryQueueType,
  };
}

/**
 * Builds the result backend that a URL names.
 * @param replyTo - The queue that the app names in `reply_to`.
 * @throws ConfigError like `brokerFromUrl`.
 */
export function backendFromUrl(
  url: string,
  factories: readonly Factory[],
  settings: Settings,
  replyTo: string,
): ResultBackend {
  const factory = factories.find(
    (item): item is BackendFactory => item.role === "backend" && item.schemes.includes(schemeOf(url)),
  );
  if (factory === undefined) throw unclaimed("backend", url);
  const context: AdapterContext = {
    transportOptions: { ...storeOptions(schemeOf(url), settings), ...settings.resultBackendTransportOptions },
    resultExpires: settings.resultExpires,
    resultSerializer: settings.resultSerializer,
    resultPersistent: settings.resultPersistent,
    replyTo,
    ...brokerPlace(settings),
  };
  return factory.fromUrl(url, context);
}

/**
 * The result backend of an app, given or named by a URL, with `result_backend_always_retry` applied; `undefined` without one.
 * @throws ConfigError like `backendFromUrl`.
 */
export function resolveBackend(
  { backend, adapters = [] }: AppConfig,
  { settings, clock }: Assembly,
  replyTo: string,
): ResultBackend | undefined {
  const chosen = backend ?? backendUrl(settings);
  if (chosen === undefined) return undefined;
  const opened = typeof chosen === "string" ? backendFromUrl(chosen, adapters, settings, replyTo) : chosen;
  return settings.resultBackendAlwaysRetry ? retryingBackend(opened, readRetryPolicy(settings), clock) : opened;
}

/** Celery sends results where it sends messages. */
function brokerPlace(settings: Settings): Pick<AdapterContext, "broker"> {
  const [url, ...others] = [settings.brokerWriteUrl ?? settings.brokerUrl ?? []].flat();
  if (url === undefined) return {};
  const { brokerTransportOptions: transportOptions } = settings;
  return { broker: { urls: [url, ...others], transportOptions, connection: connectionSettings(settings) } };
}

/** Celery's settings of one kind of store, under Celery's names. */
function storeOptions(scheme: string, settings: Settings): Readonly<Record<string, unknown>> {
  if (scheme.startsWith("mongodb")) return settings.mongodbBackendSettings ?? {};
  // Results that are messages say how they are compressed, and Python reads them. What a store keeps says so to us alone:
  // there a setting that is shared with Python must not turn it on.
  if (scheme === "rpc")
    return settings.resultCompression === null ? {} : { result_compression: settings.resultCompression };
  if (!SQL_SCHEME.test(scheme)) return {};
  return {
    database_engine_options: settings.databaseEngineOptions,
    database_create_tables_at_setup: settings.databaseCreateTablesAtSetup,
    ...(settings.databaseTableNames === null ? {} : { database_table_names: settings.databaseTableNames }),
    ...(settings.databaseTableSchemas === null ? {} : { database_table_schemas: settings.databaseTableSchemas }),
  };
}

/**
 * The URL of the result backend. `database` and `db` stand for `database_url`, as in Celery.
 * @throws ConfigError when that is not set.
 */
function backendUrl(settings: Settings): string | undefined {
  const { resultBackend, databaseUrl } = settings;
  if (resultBackend !== "database" && resultBackend !== "db") return resultBackend ?? undefined;
  if (databaseUrl !== null) return databaseUrl.startsWith("db+") ? databaseUrl : `db+${databaseUrl}`;
  throw new ConfigError([{ key: "databaseUrl", message: `must be set when resultBackend is "${resultBackend}".` }]);
}

/** The part before the first `:`, in lower case. No more than that is shown of a URL nobody claims: secrets follow. */
export function schemeOf(url: string): string {
  return (url.split(":", 1)[0] ?? "").toLowerCase();
}

function unclaimed(role: "broker" | "backend", url: string): ConfigError {
  const scheme = schemeOf(url);
  const packages: Packages | undefined = SQL_SCHEME.test(scheme) ? SQL_PACKAGE : KNOWN_PACKAGES[scheme];
  const known = packages?.[role];
  const fix =
    known === undefined
      ? `No ${role} of Celeriac has this scheme.`
      : `Install ${known} and list its factory in \`adapters\`, or pass the adapter itself as \`${role}\`.`;
  return new ConfigError([{ key: role, message: `nothing claims the scheme "${scheme}://". ${fix}` }]);
}
